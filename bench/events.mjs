/**
 * W9: what the events cost a hit in memory when nobody listens: the build as it is, against a copy of it in which nothing
 * on the way of a hit asks for listeners. Claim: at most 2 %. And what listening costs. One process, one caller, 1,000 keys.
 */
import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { alteredBuild, DIST } from './support/altered-build.mjs';
import { interleave, median, ratios } from './support/measure.mjs';

const require = createRequire(import.meta.url);

/** What asks on the way of a hit. */
const ASKED = [
  ['core/cache/cache.js', 'return this.parts.events.hits || ', 'return '],
  ['core/cache/near-reads.js', 'hit !== undefined && !this.parts.events.hits', 'hit !== undefined'],
];

async function serviceOf(path) {
  const { DatapunkCacheModule, CacheService, CacheEvents } = require(path);
  class App {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench' })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return { app, cache: app.get(CacheService), events: app.get(CacheEvents) };
}

export async function run() {
  const copy = alteredBuild(ASKED);
  try {
    const keys = Array.from({ length: 1_000 }, (_, id) => `product:${id}`);
    const load = async () => ({ id: 1, name: 'loaded', price: 1 });
    const sides = {
      'asks for nobody': await serviceOf(copy),
      'asks, nobody listens': await serviceOf(join(DIST, 'index.js')),
      'one listens to misses': await serviceOf(join(DIST, 'index.js')),
      'one listens to hits': await serviceOf(join(DIST, 'index.js')),
    };
    let heard = 0;
    sides['one listens to misses'].events.on('miss', () => (heard += 1));
    sides['one listens to hits'].events.on('hit', () => (heard += 1));
    const variants = {};
    for (const [name, { cache }] of Object.entries(sides)) {
      for (const key of keys) await cache.readThrough(key, load);
      variants[name] = async (count) => {
        for (let at = 0; at < count; at += 1) await cache.readThrough(keys[at % keys.length], load);
      };
    }
    const times = await interleave(variants, { rounds: 41 });
    for (const { app } of Object.values(sides)) await app.close();
    const over = ratios(times, 'asks for nobody');
    console.table(
      Object.fromEntries(
        Object.keys(times).map((name) => [
          name,
          { 'ns/call': Math.round(median(times[name])), '× of not asking': over[name].toFixed(3) },
        ]),
      ),
    );
    if (heard === 0) throw new Error('nothing was heard');
    return [
      {
        claim: 'W9 events without listeners, ≤ 1.02× of a hit that does not ask',
        value: over['asks, nobody listens'],
        limit: 1.02,
      },
    ];
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await run());
