import { Injectable } from '@nestjs/common';
import { expect, describe, it } from 'vitest';
import {
  CacheEvents,
  CacheService,
  DatapunkCacheModule,
  defineKey,
  getCacheToken,
  ReadThrough,
  type CacheStatistics,
} from '@datapunk/cache';
import { backend } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';

const treeKey = defineKey('stattree:{id}').holds<string>();
const rockKey = defineKey('statrock:{id}').holds<string>();

@Injectable()
class Trees {
  @ReadThrough(treeKey)
  async find(id: number): Promise<string> {
    return `tree ${id}`;
  }
}

async function start() {
  const forest = DatapunkCacheModule.forFeature('forest', { entities: ['stattree'] });
  const app = await boot([Trees], {}, { imports: [forest] });
  const cache = app.get(CacheService);
  const named = app.get<CacheService>(getCacheToken('forest'), { strict: false });
  // What is loaded is kept a moment after it was handed out.
  const stored = (count: number) => eventually('values are kept', () => cache.stats().stored >= count || undefined);
  return { app, cache, named, trees: app.get(Trees), stored };
}

/** A memory that keeps nothing leaves every hit to Redis. */
const hitsOf = ({ hits }: CacheStatistics): number => hits.hot + hits.shared;

describe('the statistics of a cache', () => {
  it('count nothing before anything happened, and are frozen', async () => {
    const { cache } = await start();
    const stats = cache.stats();
    expect(stats).toEqual({
      hits: { hot: 0, shared: 0 },
      misses: 0,
      joined: 0,
      hitRatio: undefined,
      loads: 0,
      loadFailures: 0,
      loadMs: 0,
      meanLoadMs: undefined,
      staleServed: 0,
      refreshes: 0,
      stored: 0,
      evictions: { size: 0, ttl: 0 },
      invalidations: { deleted: 0, expired: 0, tags: 0, clears: 0, heard: 0 },
      memory: { entries: 0, bytes: 0 },
    });
    for (const part of [stats, stats.hits, stats.evictions, stats.invalidations, stats.memory]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('count every way to read: hits, and misses that load', async () => {
    const { cache, trees, stored } = await start();
    await trees.find(1);
    await cache.readThrough(rockKey({ id: 1 }), async () => 'rock');
    await stored(2);
    await trees.find(1);
    await cache.readThrough(rockKey({ id: 1 }), async () => 'rock');
    await cache.readThrough(rockKey({ id: 1 }), async () => 'rock', { ttl: '1m' });
    await cache.get(rockKey({ id: 1 }));
    expect(await cache.get(rockKey({ id: 2 }))).toBeUndefined();
    await cache.getMany([rockKey({ id: 1 }), rockKey({ id: 3 })]);
    const load = async (ids: readonly number[]) => new Map(ids.map((id) => [id, 'rock'] as const));
    await cache.readThroughMany([1, 4, 5], (id) => rockKey({ id }), load);
    await cache.batched((id: number) => rockKey({ id }), load)(1);
    const stats = cache.stats();
    expect(hitsOf(stats)).toBe(7);
    expect(backend === 'cold' ? stats.hits.shared : stats.hits.hot).toBe(7);
    expect(stats).toMatchObject({ misses: 6, joined: 0, loads: 4, hitRatio: 7 / 13 });
  });

  it('count hits as well while somebody listens to them', async () => {
    const { app, cache, trees, stored } = await start();
    await trees.find(1);
    await stored(1);
    let heard = 0;
    app.get(CacheEvents).on('hit', () => (heard += 1));
    await trees.find(1);
    await cache.get(treeKey({ id: 1 }));
    expect([hitsOf(cache.stats()), heard]).toEqual([2, 2]);
  });

  it('count a read that joined as a miss that shared a load', async () => {
    const { cache } = await start();
    const hold = gate();
    const load = () => hold.promise.then(() => 'rock');
    const reads = [1, 2, 3].map(() => cache.readThrough(rockKey({ id: 1 }), load));
    hold.open();
    await Promise.all(reads);
    expect(cache.stats()).toMatchObject({ misses: 3, joined: 2, loads: 1 });
  });

  it('count what loaders take, and failures', async () => {
    const { cache } = await start();
    const fail = async (): Promise<string> => Promise.reject(new Error('no rock'));
    await expect(cache.readThrough(rockKey({ id: 1 }), fail)).rejects.toThrow('no rock');
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 20, 'rock'));
    await cache.readThrough(rockKey({ id: 1 }), slow);
    const { loads, loadFailures, loadMs, meanLoadMs } = cache.stats();
    expect({ loads, loadFailures }).toEqual({ loads: 1, loadFailures: 1 });
    expect(loadMs).toBeGreaterThanOrEqual(15);
    expect(meanLoadMs).toBe(loadMs);
  });

  it('count callers who got what is stale, and loads in the background', async () => {
    const { cache, stored } = await start();
    const key = rockKey({ id: 1 });
    const options = { ttl: '1h', staleFor: '1h', loadTimeout: { soft: 1 } } as const;
    await cache.readThrough(key, async () => 'old', options);
    await stored(1);
    await cache.expire(key);
    const slow = () => new Promise<string>((resolve) => setTimeout(resolve, 60, 'new'));
    expect(await cache.readThrough(key, slow, options)).toBe('old');
    await stored(2);
    expect(cache.stats()).toMatchObject({ staleServed: 1, refreshes: 1, misses: 2 });
  });

  it('count invalidations of this process, by what was done', async () => {
    const { cache, named } = await start();
    await cache.delete(rockKey({ id: 1 }), rockKey({ id: 2 }));
    await cache.expire(rockKey({ id: 1 }));
    await named.invalidateTags(['oak']);
    await named.clear();
    expect(cache.stats().invalidations).toEqual({ deleted: 2, expired: 1, tags: 1, clears: 1, heard: 0 });
    expect(named.stats().invalidations).toEqual({ deleted: 0, expired: 0, tags: 1, clears: 1, heard: 0 });
  });

  it('of a named cache count what it owns, and of the default service everything', async () => {
    const { cache, named, trees, stored } = await start();
    await trees.find(1);
    await cache.set(rockKey({ id: 1 }), 'rock');
    await stored(2);
    await trees.find(1);
    await cache.get(rockKey({ id: 1 }));
    expect(hitsOf(named.stats())).toBe(1);
    expect(named.stats()).toMatchObject({ misses: 1, loads: 1, stored: 1, hitRatio: 0.5 });
    expect(hitsOf(cache.stats())).toBe(2);
    expect(cache.stats()).toMatchObject({ misses: 1, loads: 1, stored: 2 });
  });

  it('say what memory holds of each', async () => {
    const { cache, named } = await start();
    const kept = backend === 'cold' ? 0 : 1;
    await cache.set(treeKey({ id: 1 }), 'tree');
    await cache.set(rockKey({ id: 1 }), 'rock');
    const [tree, all] = [named.stats().memory, cache.stats().memory];
    expect([tree.entries, all.entries]).toEqual([kept, 2 * kept]);
    expect([tree.bytes > 100, all.bytes > tree.bytes]).toEqual([kept === 1, kept === 1]);
    await cache.delete(treeKey({ id: 1 }));
    expect([named.stats().memory.entries, cache.stats().memory.entries]).toEqual([0, kept]);
  });
});
