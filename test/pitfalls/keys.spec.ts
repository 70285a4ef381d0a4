import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheService, Computed, ReadThrough, RequestCached, runInCacheContext } from '@datapunk/cache';
import { boot } from '../support/boot.js';

@Injectable()
class Cities {
  @RequestCached()
  async find(id: number): Promise<string> {
    return `city ${id}`;
  }

  @Computed()
  count(id: number): string {
    return `cities of ${id}`;
  }
}

@Injectable()
class Countries {
  @RequestCached()
  async find(id: number): Promise<string> {
    return `country ${id}`;
  }

  @Computed()
  count(id: number): string {
    return `countries of ${id}`;
  }
}

/** What a minifier, a default value, a pattern or an outer decorator make of the names of parameters. */
@Injectable()
class Unnamed {
  runs = 0;

  @ReadThrough('unnamed:{0.id},{1?}')
  async find({ id: e }: { id: number }, r = 'eu', ..._rest: string[]): Promise<string> {
    this.runs += 1;
    return `${e} in ${r}`;
  }
}

describe('keys', () => {
  it('6 class name: two classes with one method name and the same arguments share nothing', async () => {
    const app = await boot([Cities, Countries]);
    const [cities, countries] = [app.get(Cities), app.get(Countries)];
    await runInCacheContext({}, async () => {
      expect([await cities.find(1), await countries.find(1)]).toEqual(['city 1', 'country 1']);
      expect([cities.count(1), countries.count(1)]).toEqual(['cities of 1', 'countries of 1']);
    });
  });

  it('7 parameter names: a key goes by places, whatever the parameters are called', async () => {
    const unnamed = (await boot([Unnamed])).get(Unnamed);
    expect(await unnamed.find({ id: 7 }, 'us')).toBe('7 in us');
    expect(await unnamed.find({ id: 7 }, 'us', 'more')).toBe('7 in us');
    expect(await unnamed.find({ id: 8 }, 'us')).toBe('8 in us');
    expect(unnamed.runs).toBe(2);
  });

  it('21 prefixes: what is removed takes no neighbour whose key begins alike', async () => {
    const cache = (await boot([])).get(CacheService);
    const neighbours = ['users:1', 'users:12', 'usersAbc:1', 'users:1,2'] as const;
    for (const key of neighbours) await cache.set(key, key);
    await cache.delete('users:1');
    expect(await Promise.all(neighbours.map((key) => cache.get(key)))).toEqual([undefined, ...neighbours.slice(1)]);
  });
});
