import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService } from '@datapunk/cache';
import { backend, full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { servers } from '../../support/redis/backend-servers.js';
import { eventually } from '../../support/redis/wait.js';

const left = (key: string): Promise<number> => servers().client.pttl(full(key));

describe('a lifetime', () => {
  it('is the same in Redis, jitter included', async () => {
    const app = await boot([], { defaults: { ttl: '1h' } });
    const told: number[] = [];
    app.get(CacheEvents).on('stored', ({ ttl }) => told.push(ttl));
    const cache = app.get(CacheService);
    const inRedis: number[] = [];
    for (let id = 0; id < 40; id += 1) {
      await cache.set(`town:${id}`, id);
      inRedis.push(await left(`town:${id}`));
    }
    for (const [at, ttl] of told.entries()) {
      expect(Math.abs(ttl - 3_600_000)).toBeLessThanOrEqual(360_000);
      // Dated by our estimate of the server's time.
      expect(Math.abs(ttl - (inRedis[at] ?? 0))).toBeLessThan(1_000);
    }
    expect(new Set(told.map((ttl) => Math.round(ttl / 1_000))).size).toBeGreaterThan(30);
  });

  it('forever has no end in Redis either', async () => {
    const cache = (await boot([])).get(CacheService);
    await cache.set('town:1', 'always', { ttl: 'forever' });
    expect(await left('town:1')).toBe(-1);
    expect(await cache.get('town:1')).toBe('always');
    await cache.set('town:1', 'for a while', { ttl: '1m' });
    expect(await left('town:1')).toBeGreaterThan(0);
  });

  it('is not begun anew by who finds the value in Redis', async () => {
    const one = (await boot([])).get(CacheService);
    const two = (await boot([])).get(CacheService);
    await one.set('town:1', 'brief', { ttl: '800ms' });
    await eventually('half of it is over', async () => (await left('town:1')) < 400);
    expect(await two.get('town:1')).toBe('brief');
    const end = performance.now() + (await left('town:1'));
    await eventually('it is over', async () => (await two.get('town:1')) === undefined);
    expect(performance.now() - end).toBeLessThan(250);
  });
});

describe('what memory has no room for', () => {
  it('is found in Redis, and said to be', async () => {
    const app = await boot([], { local: { budget: '64kb', hot: { maxEntries: 2 } } });
    const cache = app.get(CacheService);
    const layers: string[] = [];
    app.get(CacheEvents).on('hit', ({ layer }) => layers.push(layer));
    for (const id of [1, 2, 3]) await cache.set(`town:${id}`, id);
    await cache.set('big:1', 'x'.repeat(100_000));
    expect([await cache.get('town:3'), await cache.get('town:1')]).toEqual([3, 1]);
    expect(await cache.get('big:1')).toHaveLength(100_000);
    expect(await cache.get('big:1')).toHaveLength(100_000);
    const near = backend === 'cold' ? 'shared' : 'hot';
    expect(layers).toEqual([near, 'shared', 'shared', 'shared']);
  });
});
