/**
 * W9: what the events cost a hit in memory when nobody listens: copies of the build that ask for listeners on the way of a
 * hit, and that do not. Claim: at most 2 %. And what listening costs. One caller, 1,000 keys.
 */
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { alteredBuild } from './support/altered-build.mjs';
import { inManyProcesses } from './support/many-processes.mjs';
import { interleave, median, ratios } from './support/measure.mjs';

const require = createRequire(import.meta.url);
const FILE = fileURLToPath(import.meta.url);

/** What asks on the way of a hit. */
const ASKED = [
  ['core/cache/cache.js', 'return this.#events.hits || ', 'return '],
  ['core/cache/near-reads.js', 'hit !== undefined && !this.parts.events.hits', 'hit !== undefined'],
];

/** @param side a build, and behind a `#` what is listened to */
async function serviceOf(side) {
  const [path, type] = side.split('#');
  const { DatapunkCacheModule, CacheService, CacheEvents } = require(path);
  class App {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench' })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  let heard = 0;
  if (type !== undefined) app.get(CacheEvents).on(type, () => (heard += 1));
  return { cache: app.get(CacheService), isDeaf: () => type !== undefined && heard === 0 };
}

/** In a process of its own: the ratio of the second side to the first. */
async function measure(sides, floor) {
  const keys = Array.from({ length: 1_000 }, (_, id) => `product:${id}`);
  const load = async () => ({ id: 1, name: 'loaded', price: 1 });
  const variants = {};
  for (const side of sides) {
    const { cache, isDeaf } = await serviceOf(side);
    for (const key of keys) await cache.readThrough(key, load);
    variants[side] = async (count) => {
      for (let at = 0; at < count; at += 1) await cache.readThrough(keys[at % keys.length], load);
    };
    await variants[side](1_000);
    if (isDeaf()) throw new Error('nothing was heard');
  }
  const times = await interleave(variants, { rounds: 21, count: 100_000 });
  const other = sides.find((side) => side !== floor);
  console.log(JSON.stringify({ ratio: ratios(times, floor)[other], ns: median(times[floor]) }));
  process.exit();
}

export async function run() {
  const [without, asks, again] = [alteredBuild(ASKED), alteredBuild([]), alteredBuild(ASKED)];
  try {
    const sides = {
      'does not ask, a second copy': again,
      'asks, nobody listens': asks,
      'one listens to misses': `${asks}#miss`,
      'one listens to hits': `${asks}#hit`,
    };
    const seen = Object.entries(sides).map(([name, side]) => [name, inManyProcesses(FILE, without, side)]);
    const [[, { ns }]] = seen;
    console.table({
      'does not ask': { 'ns/call': Math.round(ns), '× of not asking': '1.000' },
      ...Object.fromEntries(seen.map(([name, { ratio }]) => [name, { '× of not asking': ratio.toFixed(3) }])),
    });
    const value = Object.fromEntries(seen)['asks, nobody listens'].ratio;
    return [{ claim: 'W9 events without listeners, ≤ 1.02× of a hit that does not ask', value, limit: 1.02 }];
  } finally {
    for (const path of [without, asks, again]) rmSync(path, { recursive: true, force: true });
  }
}

const [, , what, floor, ...sides] = process.argv;
if (what === 'measure') await measure(sides, floor);
else if (process.argv[1] === FILE) console.log(await run());
