/**
 * W1: a hit in memory through `CacheService.readThrough`, against `await map.get(key)`.
 * Claim: at most 1.4×, isolation on (values deep-frozen). One process, one caller, a working set of 1,000 keys.
 * Shows nothing about contention or misses.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { interleave, median, ratios } from './support/measure.mjs';
import { applicationOf } from './support/application.mjs';

const require = createRequire(import.meta.url);
const { CacheService } = require('../dist/index.js');

export async function run() {
  const app = await applicationOf();
  const cache = app.get(CacheService);
  const keys = Array.from({ length: 1_000 }, (_, id) => `product:${id}`);
  const many = Array.from({ length: 100_000 }, (_, id) => `product:${id}`);
  const map = new Map(many.map((key, id) => [key, { id, name: `n${id}`, price: id * 1.5 }]));
  const load = async () => ({ id: 1, name: 'loaded', price: 1 });
  for (const key of many) await cache.readThrough(key, load);
  const over = (set, read) => async (count) => {
    for (let i = 0; i < count; i += 1) await read(set[i % set.length]);
  };
  const times = await interleave({
    'floor: await map.get': over(keys, (key) => map.get(key)),
    readThrough: over(keys, (key) => cache.readThrough(key, load)),
    get: over(keys, (key) => cache.get(key)),
    'floor, 100k keys': over(many, (key) => map.get(key)),
    'readThrough, 100k keys': over(many, (key) => cache.readThrough(key, load)),
  });
  await app.close();
  const near = ratios(times, 'floor: await map.get');
  const far = ratios(times, 'floor, 100k keys');
  console.table(
    Object.fromEntries(
      Object.keys(times).map((name) => [
        name,
        {
          'ns/call': Math.round(median(times[name])),
          '× of floor': (name.includes('100k') ? far : near)[name].toFixed(2),
        },
      ]),
    ),
  );
  return [{ claim: 'W1 L1 hit, readThrough ≤ 1.4× of await map.get', value: near.readThrough, limit: 1.4 }];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
