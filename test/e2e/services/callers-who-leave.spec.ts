import { expect, it } from 'vitest';
import { CacheService, type Load } from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

const GONE = new Error('the request was closed');

async function start() {
  const cache = (await boot([])).get(CacheService);
  const done = gate();
  const began = gate();
  const loads: Load[] = [];
  const load = async (one: Load) => {
    loads.push(one);
    began.open();
    await done.promise;
    return { name: 'Lindau' };
  };
  return { cache, done, began, loads, load };
}

it('a caller who leaves takes the load from nobody', async () => {
  const { cache, done, began, loads, load } = await start();
  const controller = new AbortController();
  const leaves = cache.readThrough('town:stays', load, { signal: controller.signal });
  const stays = cache.readThrough('town:stays', load);
  await began.promise;
  controller.abort(GONE);
  await expect(leaves).rejects.toBe(GONE);
  expect(loads.map((one) => one.signal.aborted)).toEqual([false]);
  done.open();
  await expect(stays).resolves.toEqual({ name: 'Lindau' });
  await expect.poll(() => cache.get('town:stays')).toEqual({ name: 'Lindau' });
});

it('the last to leave ends it, and the next read loads anew', async () => {
  const { cache, done, began, loads, load } = await start();
  const controller = new AbortController();
  const calls = [1, 2].map(() => cache.readThrough('town:left', load, { signal: controller.signal }));
  await began.promise;
  controller.abort(GONE);
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason: GONE })));
  expect(loads.map((one) => one.signal.reason)).toEqual([GONE]);
  const next = cache.readThrough('town:left', load);
  await expect.poll(() => loads.length).toBe(2);
  done.open();
  await expect(next).resolves.toEqual({ name: 'Lindau' });
});
