import { Injectable } from '@nestjs/common';
import { expect, it } from 'vitest';
import { CacheEvents, CacheService, currentLoad, ReadThrough, type CallReadOptions } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { eventually, pause } from '../../support/redis/wait.js';

const LIFE_MS = 3_000;
/** `ttl` is spread by ±10 %. */
const DUE_MS = LIFE_MS * 0.1 * 1.1 + 20;
const EARLY: CallReadOptions = { ttl: LIFE_MS, earlyRefresh: { threshold: 0.1 } };

@Injectable()
class Wells {
  readonly loads: string[] = [];

  @ReadThrough('early-well:{0}', { ttl: LIFE_MS, earlyRefresh: { threshold: 0.1 } })
  async find(id: number): Promise<string> {
    const known = currentLoad()?.stale;
    this.loads.push(String(known));
    if (id === 2 && known !== undefined) currentLoad()?.notModified();
    return `load ${this.loads.length}`;
  }
}

async function start() {
  const app = await boot([Wells]);
  let refreshes = 0;
  app.get(CacheEvents).on('refresh-ended', () => (refreshes += 1));
  const refreshed = (count: number) => eventually('it was loaded anew', () => refreshes === count);
  return { wells: app.get(Wells), cache: app.get(CacheService), refreshed };
}

it('a decorated method runs in the background before its value is over, and its readers do not wait', async () => {
  const { wells, refreshed } = await start();
  await wells.find(1);
  await wells.find(1);
  await pause(DUE_MS);
  await expect(wells.find(1)).resolves.toBe('load 1');
  await refreshed(1);
  await eventually('all get the new one', async () => (await wells.find(1)) === 'load 2');
  expect(wells.loads).toEqual(['undefined', 'load 1']);
});

it('it may say that what it gave before is still true', async () => {
  const { wells, refreshed } = await start();
  await wells.find(2);
  await wells.find(2);
  await pause(DUE_MS);
  await wells.find(2);
  await refreshed(1);
  await expect(wells.find(2)).resolves.toBe('load 1');
  expect(wells.loads).toEqual(['undefined', 'load 1']);
});

it('reads by hand, of one key, of many and in batches, do it as well', async () => {
  const { cache, refreshed } = await start();
  const loads: string[] = [];
  const many = async (ids: readonly string[]) => {
    loads.push(ids.join());
    return new Map(ids.map((id) => [id, `${id} ${loads.length}`]));
  };
  const keyOf = (id: string) => full(`early-spring:${id}`);
  const batched = cache.batched(keyOf, many, EARLY);
  const readAll = async () => {
    await cache.readThrough(keyOf('a'), async () => loads.push('a'), EARLY);
    await cache.readThroughMany(['b', 'c'], keyOf, many, EARLY);
    await batched('d');
  };
  await readAll();
  await readAll();
  expect(loads).toEqual(['a', 'b,c', 'd']);
  await pause(DUE_MS);
  await readAll();
  await refreshed(4);
  expect(loads.slice(3).toSorted()).toEqual(['a', 'b', 'c', 'd']);
});
