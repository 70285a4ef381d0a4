import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheEvents,
  CacheService,
  ReadThrough,
  runInCacheContext,
  WriteThrough,
  type CacheModuleOptions,
  type EventOf,
} from '@datapunk/cache';
import { backend, full, isShared } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { eventually, pause } from '../../support/redis/wait.js';

let count = 0;
/** A key that no other test has. */
const newKey = () => `kept:${process.pid}-${(count += 1)}` as const;

/** Where memory keeps something at all. */
const hasMemory = backend !== 'cold';

@Injectable()
class Texts {
  loads = 0;

  @ReadThrough('text:{0}', { maxEntrySize: '1kb' })
  async find(id: string, length: number): Promise<string> {
    this.loads += 1;
    return `${id}`.padEnd(length, '.');
  }

  @WriteThrough('text:{0}', { value: '1', maxEntrySize: '1kb' })
  async write(_id: string, _text: string): Promise<void> {}

  @ReadThrough('aside:{0}', { skip: ['store'] })
  async aside(_id: string): Promise<number> {
    return (this.loads += 1);
  }
}

async function start(options: Partial<CacheModuleOptions> = {}) {
  const app = await boot([Texts], options);
  const refused: EventOf<'not-stored'>[] = [];
  const hits: EventOf<'hit'>[] = [];
  app.get(CacheEvents).on('not-stored', (event) => refused.push(event));
  app.get(CacheEvents).on('hit', (event) => hits.push(event));
  const stored = new Set<string>();
  app.get(CacheEvents).on('stored', ({ key }) => stored.add(key));
  let loads = 0;
  const load = async () => (loads += 1);
  const isStored = (key: string) => eventually('it is kept', () => stored.has(full(key)));
  return { app, cache: app.get(CacheService), texts: app.get(Texts), refused, hits, load, isStored };
}

const LONG = 'x'.repeat(4_000);

describe('maxEntrySize', () => {
  it('hands out what is larger, keeps it nowhere and says so', async () => {
    const { texts, refused } = await start();
    const id = newKey().slice(5);
    expect(await texts.find(id, 4_000)).toHaveLength(4_000);
    expect(await texts.find(id, 4_000)).toHaveLength(4_000);
    expect(texts.loads).toBe(2);
    expect(refused).toEqual([1, 2].map(() => ({ type: 'not-stored', key: full(`text:${id}`), reason: 'too-large' })));
    await texts.find(id, 50);
    await texts.find(id, 50);
    expect(texts.loads).toBe(3);
  });

  it('leaves nothing of what a larger value replaces, set or written', async () => {
    const { cache, texts, refused } = await start();
    const key = newKey();
    await cache.set(key, 'short');
    await cache.set(key, LONG, { maxEntrySize: 1_000 });
    expect(await cache.get(key)).toBeUndefined();
    const id = key.slice(5);
    await texts.write(id, 'short');
    expect(await cache.get(`text:${id}`)).toBe('short');
    await texts.write(id, LONG);
    expect(await cache.get(`text:${id}`)).toBeUndefined();
    expect(refused[0]?.reason).toBe('too-large');
  });

  it('holds by the entity, and a call may raise it', async () => {
    const { cache } = await start({ defaults: { maxEntrySize: '1kb' } });
    const key = newKey();
    await cache.set(key, LONG);
    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, LONG, { maxEntrySize: '1mb' });
    expect(await cache.get(key)).toBe(LONG);
  });

  it('of memory alone leaves larger values to Redis, and says so', async () => {
    const { cache, refused, hits } = await start({ local: { hot: { maxEntrySize: '1kb' } } });
    const key = newKey();
    await cache.set(key, LONG);
    expect(await cache.get(key)).toBe(isShared ? LONG : undefined);
    expect(hits.map(({ layer }) => layer)).toEqual(isShared ? ['shared'] : []);
    const told = hasMemory ? [isShared ? 'hot' : undefined] : [];
    expect(refused.slice(0, 1).map(({ layer }) => layer)).toEqual(told);
  });

  it('refuses what is no size', async () => {
    const { cache } = await start();
    await expect(cache.set(newKey(), 1, { maxEntrySize: 0 })).rejects.toThrow(/maxEntrySize: 0 would keep nothing/);
    await expect(start({ local: { hot: { maxEntrySize: 0 } } })).rejects.toThrow(/local\.hot\.maxEntrySize: 0/);
  });
});

describe('localTtl', () => {
  it.each(['of the entity', 'of the call'])('%s ends what memory has, and not what Redis has', async (of) => {
    const localTtl = '40ms';
    const { cache, hits, load, isStored } = await start(of === 'of the call' ? {} : { defaults: { localTtl } });
    const options = of === 'of the call' ? ({ localTtl } as const) : {};
    const key = newKey();
    await cache.readThrough(key, load, options);
    await isStored(key);
    await pause(80);
    expect(await cache.readThrough(key, load, options)).toBe(isShared ? 1 : 2);
    expect(hits.map(({ layer }) => layer)).toEqual(isShared ? ['shared'] : []);
    await pause(80);
    await cache.readThrough(key, load, options);
    // What came from Redis is in memory for as long again, and no longer.
    expect(hits.map(({ layer }) => layer)).toEqual(isShared ? ['shared', 'shared'] : []);
  });
});

describe('skip', () => {
  it('local: neither asks memory nor fills it', async () => {
    const { cache, hits, load, isStored } = await start();
    const key = newKey();
    const skip = ['local'] as const;
    expect(await cache.readThrough(key, load, { skip })).toBe(1);
    if (isShared) await isStored(key);
    expect(await cache.readThrough(key, load, { skip })).toBe(isShared ? 1 : 2);
    expect(await cache.readThrough(key, load, { skip })).toBe(isShared ? 1 : 3);
    expect(hits.map(({ layer }) => layer)).toEqual(isShared ? ['shared', 'shared'] : []);
    // Nothing of it is in memory for others either.
    await cache.readThrough(key, load);
    expect(hits.map(({ layer }) => layer)).toEqual(isShared ? ['shared', 'shared', 'shared'] : []);
  });

  it('shared: neither asks Redis nor fills it', async () => {
    const { cache, load } = await start();
    const { cache: other } = await start();
    const key = newKey();
    const skip = ['shared'] as const;
    expect(await cache.readThrough(key, load, { skip })).toBe(1);
    expect(await cache.readThrough(key, load, { skip })).toBe(hasMemory ? 1 : 2);
    expect(await other.get(key)).toBeUndefined();
    // Whoever changes the key ends it here as well.
    await other.set(key, 'theirs');
    if (isShared) await eventually('it is told', async () => (await cache.get(key)) === 'theirs');
    expect(await cache.readThrough(key, load)).toBe(isShared ? 'theirs' : 1);
  });

  it('store: keeps nothing of what is loaded, and serves what is there', async () => {
    const { cache, texts, refused } = await start();
    const id = newKey().slice(5);
    expect([await texts.aside(id), await texts.aside(id)]).toEqual([1, 2]);
    expect(refused.map(({ reason }) => reason)).toEqual(['skipped', 'skipped']);
    await cache.set(`aside:${id}`, 7);
    expect(await texts.aside(id)).toBe(7);
  });

  it('refuses words it does not know, and strict reads without Redis', async () => {
    const { cache, load } = await start();
    const wrong = { skip: ['memory'] as unknown as ['local'] };
    await expect(cache.readThrough(newKey(), load, wrong)).rejects.toThrow(/skip: \["memory"\] is not valid/);
    await expect(cache.readThrough(newKey(), load, { skip: ['shared'], level: 'strict' })).rejects.toThrow(
      CacheConfigError,
    );
  });
});

describe('fresh', () => {
  it('loads anew whatever is kept, for every process', async () => {
    const { cache, load, isStored } = await start();
    const { cache: other } = await start();
    const key = newKey();
    await cache.readThrough(key, load);
    await isStored(key);
    expect(await other.get(key)).toBe(isShared ? 1 : undefined);
    expect(await cache.readThrough(key, load, { fresh: true })).toBe(2);
    expect(await cache.get(key)).toBe(2);
    if (isShared) await eventually('it is told', async () => (await other.get(key)) === 2);
  });

  it('joins no load that was under way before it', async () => {
    const { cache, load } = await start();
    const key = newKey();
    let isLoading = false;
    let end: (value: number) => void = () => undefined;
    const slow = cache.readThrough(key, () => new Promise<number>((resolve) => ((end = resolve), (isLoading = true))));
    await eventually('it loads', () => isLoading);
    expect(await cache.readThrough(key, load, { fresh: true })).toBe(1);
    end(-1);
    expect(await slow).toBe(-1);
    expect(await cache.get(key)).toBe(1);
  });

  it('does not wait for itself', async () => {
    const { cache } = await start();
    const key = newKey();
    const again = () => cache.readThrough(key, async () => 1, { fresh: true });
    const work = () => cache.readThrough(key, again, { fresh: true });
    await expect(runInCacheContext({}, work)).rejects.toThrow(/asks for .* itself/);
  });
});
