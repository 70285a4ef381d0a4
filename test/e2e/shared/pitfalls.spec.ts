import { describe, expect, it } from 'vitest';
import { CacheService } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { servers } from '../../support/redis/backend-servers.js';

const WALKS = ['keys', 'scan', 'flushall', 'flushdb', 'dbsize', 'randomkey'];

/** How often all primaries have run commands that look at every key. */
async function walks(): Promise<number> {
  const infos = await Promise.all(
    servers()
      .primaries()
      .map((primary) => primary.info('commandstats')),
  );
  return infos
    .flatMap((info) => [...info.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)])
    .filter(([, name = '']) => WALKS.includes(name))
    .reduce((sum, [, , calls]) => sum + Number(calls), 0);
}

describe('over Redis', () => {
  it('20 KEYS: nothing that removes or reads looks through the keys of a server', async () => {
    const cache = (await boot([])).get(CacheService);
    await servers().client.ping();
    const before = await walks();
    for (let id = 0; id < 20; id += 1) await cache.set(`pitrow:${id}`, id);
    await cache.expire('pitrow:1', 'pitrow:2');
    await cache.delete('pitrow:3', 'pitrow:4');
    await cache.readThrough('pitrow:3', async () => 'loaded');
    await cache.writeThrough('pitrow:5', 'saved', async () => undefined);
    expect(await walks()).toBe(before);
    // It would be noticed.
    await servers().primaries()[0]?.scan('0');
    expect(await walks()).toBe(before + 1);
  });

  it(
    '22 and 32, slots and long commands: thousands of keys of every slot go in one call',
    { timeout: 30_000 },
    async () => {
      const cache = (await boot([])).get(CacheService);
      const keys = Array.from({ length: 2_000 }, (_, id) => `pitrow:${id}` as const);
      await Promise.all(keys.slice(0, 100).map((key) => cache.set(key, 'x'.repeat(1_000))));
      await cache.delete(...keys);
      const left = await Promise.all(keys.slice(0, 100).map((key) => servers().client.strlen(full(key))));
      const found = await Promise.all(keys.slice(0, 100).map((key) => cache.get(key)));
      expect(found.filter((value) => value !== undefined)).toEqual([]);
      // What is left of each is a tombstone, without the value.
      expect(Math.max(...left)).toBeLessThan(500);
    },
  );
});
