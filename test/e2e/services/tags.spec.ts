import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CacheAside,
  CacheConfigError,
  CacheKeyError,
  CacheService,
  currentLoad,
  DatapunkCacheModule,
  defineKey,
  getCacheToken,
  InvalidateTags,
  ReadThrough,
  WriteThrough,
} from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';

interface City {
  readonly id: number;
  readonly country: string;
  readonly name: string;
}

const cityKey = defineKey('city:{id}').holds<City>();

@Injectable()
class Cities {
  readonly rows = new Map<number, City>();
  loads = 0;
  hold: Promise<unknown> = Promise.resolve();

  @ReadThrough(cityKey, { tags: ['country:{result.country}', 'cities', 'asked:{0}'] })
  async find(id: number): Promise<City> {
    this.loads += 1;
    const row = this.rows.get(id) ?? { id, country: 'de', name: `city ${id}` };
    await this.hold;
    return row;
  }

  @ReadThrough('list:{0}', { tags: ['city:{result.*.id}'] })
  async list(_country: string): Promise<City[]> {
    this.loads += 1;
    return [...this.rows.values()];
  }

  @ReadThrough('page:{0}')
  async page(id: number): Promise<string> {
    this.loads += 1;
    currentLoad()?.tags('pages', `page-of:${id}`);
    return `page ${id} for ${this.loads}`;
  }

  @WriteThrough(cityKey.at({ id: '0.id' }), { tags: ['country:{0.country}'] })
  async save(city: City): Promise<City> {
    this.rows.set(city.id, city);
    return city;
  }

  @CacheAside('count:{0}', { tags: ['counts'] })
  async count(_country: string): Promise<number> {
    return this.rows.size;
  }

  @InvalidateTags('country:{0.country}', 'city:{result.id}')
  async move(city: City): Promise<City> {
    this.rows.set(city.id, city);
    return city;
  }

  @InvalidateTags('country:{0}')
  async fail(_country: string): Promise<void> {
    throw new Error('no');
  }
}

async function start() {
  const app = await boot([Cities]);
  return { app, cities: app.get(Cities), cache: app.get(CacheService) };
}

const berlin: City = { id: 1, country: 'de', name: 'Berlin' };

describe('tags', () => {
  it.each(['delete', 'expire'] as const)('take all entries of one out, and no other: %s', async (mode) => {
    const { cities, cache } = await start();
    cities.rows.set(3, { id: 3, country: 'fr', name: 'Lyon' });
    for (const id of [1, 2, 3]) await cities.find(id);
    expect(cities.loads).toBe(3);
    await cache.invalidateTags(['country:de'], { mode });
    for (const id of [1, 2, 3, 1, 2, 3]) await cities.find(id);
    expect(cities.loads).toBe(5);
    await cache.invalidateTags(['asked:3', 'nobody']);
    for (const id of [1, 2, 3]) await cities.find(id);
    expect(cities.loads).toBe(6);
  });

  it('name what a fan-out over the result finds, and what the loader says', async () => {
    const { cities, cache } = await start();
    cities.rows.set(1, berlin).set(2, { ...berlin, id: 2 });
    await cities.list('de');
    await cities.page(7);
    await cache.invalidateTags(['city:2']);
    await cities.list('de');
    await cities.page(7);
    expect(cities.loads).toBe(3);
    await cache.invalidateTags(['page-of:7']);
    await cities.page(7);
    expect(cities.loads).toBe(4);
  });

  it('are given by writes too, of decorators and of the service', async () => {
    const { cities, cache } = await start();
    await cities.save(berlin);
    await cities.count('de');
    await cache.set('note:1', 'kept', { tags: ['country:de'] });
    await cache.set('note:2', { tag: 'counts' }, { tags: (note: { tag: string }) => [note.tag] });
    await cache.writeThrough('note:3', 'kept', async () => undefined, { tags: ['counts'] });
    expect(await cache.get('city:1')).toEqual(berlin);
    await cache.invalidateTags(['country:de', 'counts']);
    for (const key of ['city:1', 'count:de', 'note:1', 'note:2', 'note:3'])
      expect(await cache.get(key)).toBeUndefined();
  });

  it('are invalidated once a method has succeeded, and not where it failed', async () => {
    const { cities } = await start();
    cities.rows.set(1, berlin);
    await cities.find(1);
    await expect(cities.fail('de')).rejects.toThrow('no');
    await cities.find(1);
    expect(cities.loads).toBe(1);
    await cities.move({ ...berlin, name: 'Bärlin' });
    expect(await cities.find(1)).toMatchObject({ name: 'Bärlin' });
    expect(cities.loads).toBe(2);
  });

  it('do not spare what was read before they were invalidated and is kept after', async () => {
    const { cities, cache } = await start();
    await cache.get('city:1');
    const held = gate();
    cities.rows.set(1, berlin);
    cities.hold = held.promise;
    const old = cities.find(1);
    await eventually('it loads', () => cities.loads === 1);
    cities.rows.set(1, { ...berlin, name: 'new' });
    await cache.invalidateTags(['country:de']);
    held.open();
    expect(await old).toMatchObject({ name: 'Berlin' });
    expect(await cities.find(1)).toMatchObject({ name: 'new' });
    expect(await cities.find(1)).toMatchObject({ name: 'new' });
    expect(cities.loads).toBe(2);
  });

  it('spare what was loaded meanwhile where nothing of it was invalidated (control)', async () => {
    const { cities, cache } = await start();
    const held = gate();
    cities.rows.set(1, berlin);
    cities.hold = held.promise;
    const load = cities.find(1);
    await eventually('it loads', () => cities.loads === 1);
    await cache.invalidateTags(['country:fr']);
    held.open();
    await load;
    await cities.find(1);
    expect(cities.loads).toBe(1);
  });

  it('are refused under strict, as no text, and in other modes', async () => {
    const { cache } = await start();
    const load = async () => 1;
    await expect(cache.invalidateTags(['a b'])).rejects.toThrow(CacheKeyError);
    await expect(cache.readThrough('a:1', load, { tags: ['a b'] })).rejects.toThrow(CacheKeyError);
    await expect(cache.invalidateTags(['a'], { mode: 'gone' as never })).rejects.toThrow(CacheConfigError);
    await expect(cache.set('a:1', 1, { tags: ['a'], level: 'strict' })).rejects.toThrow(/tags under level 'strict'/);
  });
});

describe('stale values with a tag', () => {
  const failing = async (): Promise<string> => {
    throw new Error('the source is away');
  };
  const options = { ttl: '1h', staleFor: '1h', tags: ['offers'] } as const;

  it('are served after an expiry where the loader fails, and after no deletion', async () => {
    const { cache } = await start();
    await cache.readThrough('offer:1', async () => 'kept', options);
    await cache.invalidateTags(['offers'], { mode: 'expire' });
    expect(await cache.readThrough('offer:1', failing, options)).toBe('kept');
    await cache.invalidateTags(['offers']);
    await expect(cache.readThrough('offer:1', failing, options)).rejects.toThrow('the source is away');
  });

  it('are not served after a clear, nor is one without a tag', async () => {
    const { cache } = await start();
    const untagged = { ...options, tags: [] };
    await cache.readThrough('offer:1', async () => 'kept', options);
    await cache.readThrough('offer:2', async () => 'kept', untagged);
    await cache.expire('offer:1', 'offer:2');
    expect(await cache.readThrough('offer:2', failing, untagged)).toBe('kept');
    await cache.clear();
    for (const [key, rules] of [['offer:1', options] as const, ['offer:2', untagged] as const]) {
      await expect(cache.readThrough(key, failing, rules)).rejects.toThrow('the source is away');
    }
  });
});

describe('clear()', () => {
  const named = async () => {
    const app = await boot([Cities], {}, { imports: [DatapunkCacheModule.forFeature('city', { entities: ['city'] })] });
    return {
      cities: app.get(Cities),
      cache: app.get(CacheService),
      city: app.get<CacheService>(getCacheToken('city'), { strict: false }),
    };
  };

  it('of a named cache takes out what it holds, tagged or not, and nothing else', async () => {
    const { cities, cache, city } = await named();
    await cities.find(1);
    await cache.set('city:2', berlin);
    await cities.page(1);
    await city.clear();
    expect([await cache.get('city:1'), await cache.get('city:2')]).toEqual([undefined, undefined]);
    expect(await cache.get('page:1')).toBe('page 1 for 2');
    await cache.set('city:2', berlin);
    expect(await cache.get('city:2')).toEqual(berlin);
  });

  it('of the default service takes out everything; tags of one cache are none of another', async () => {
    const { cities, cache, city } = await named();
    await cities.find(1);
    await cache.set('note:1', 'kept', { tags: ['cities'] });
    await city.invalidateTags(['cities']);
    expect([await cache.get('city:1'), await cache.get('note:1')]).toEqual([undefined, 'kept']);
    await cities.find(1);
    await cache.clear();
    expect([await cache.get('city:1'), await cache.get('note:1')]).toEqual([undefined, undefined]);
  });
});
