import { expect, it } from 'vitest';
import { CacheEvents, CacheOverloadError, CacheService } from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

it('asks its source in the place of a Redis that it has asked enough', async () => {
  const writer = await boot([]);
  const reader = await boot([], { protection: { operations: 2, per: '10m' } });
  const cache = reader.get(CacheService);
  const failed: unknown[] = [];
  reader.get(CacheEvents).on('layer-failed', ({ error }) => failed.push(error));
  for (const id of [1, 2, 3]) await writer.get(CacheService).set(`page:${id}`, 'shared');
  const read = (id: number) => cache.readThrough(`page:${id}`, async () => 'source');
  expect([await read(1), await read(2), await read(3)]).toEqual(['shared', 'shared', 'source']);
  expect(failed).toEqual([expect.any(CacheOverloadError)]);
  // What must not be lost passes: the writer sees it.
  await cache.set('page:1', 'new');
  await cache.delete('page:2');
  const seen = async () => Promise.all([1, 2].map((id) => writer.get(CacheService).get(`page:${id}`)));
  await expect.poll(seen).toEqual(['new', undefined]);
});

it('tells how much it has not asked', async () => {
  const app = await boot([], { protection: { operations: 1, per: 200 } });
  const told: unknown[] = [];
  app.get(CacheEvents).on('overloaded', ({ refused, operations, per }) => told.push([refused > 0, operations, per]));
  for (let id = 0; id < 5; id += 1) await app.get(CacheService).readThrough(`page:${id}`, async () => id);
  await eventually('it is told', () => told.length > 0);
  expect(told[0]).toEqual([true, 1, 200]);
});
