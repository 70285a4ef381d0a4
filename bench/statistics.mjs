/**
 * W10: what counting costs a hit in memory: copies of the build that count hits, and that do not. Claim: at most 2 %. One
 * caller, 1,000 keys, 50 named caches.
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

/** What counts a hit, in the built `drivers/memory/memory-layer.js`. */
const COUNTED = [['this.#counts.hit(this.#table.columns.owner[slot] ?? 0);', '']];

const CACHES = 50;

/** Copies both, so that the sides differ in nothing else. */
const copyOf = (replacements) =>
  alteredBuild(replacements.map(([what, instead]) => ['drivers/memory/memory-layer.js', what, instead]));

async function serviceOf(path) {
  const { DatapunkCacheModule, CacheService } = require(path);
  class App {}
  const caches = Array.from({ length: CACHES }, (_, at) =>
    DatapunkCacheModule.forFeature(`cache${at}`, { entities: [`product${at}`] }),
  );
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench' }), ...caches] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return app.get(CacheService);
}

/** In a process of its own: the ratio of the second side to the first. */
async function measure(paths, floor) {
  const keys = Array.from({ length: 1_000 }, (_, id) => `product${id % CACHES}:${id}`);
  const load = async () => ({ id: 1, name: 'loaded', price: 1 });
  const variants = {};
  for (const path of paths) {
    const cache = await serviceOf(path);
    for (const key of keys) await cache.readThrough(key, load);
    variants[path] = async (count) => {
      for (let at = 0; at < count; at += 1) await cache.readThrough(keys[at % keys.length], load);
    };
  }
  const times = await interleave(variants, { rounds: 21, count: 100_000 });
  const other = paths.find((path) => path !== floor);
  console.log(JSON.stringify({ ratio: ratios(times, floor)[other], ns: median(times[floor]) }));
  process.exit();
}

export async function run() {
  const [without, counts, again] = [copyOf(COUNTED), copyOf([]), copyOf(COUNTED)];
  try {
    const [ours, control] = [counts, again].map((other) => inManyProcesses(FILE, without, other));
    console.table({
      'does not count': { 'ns/call': Math.round(ours.ns), '× of not counting': '1.000' },
      'does not count, a second copy': { '× of not counting': control.ratio.toFixed(3) },
      counts: { '× of not counting': ours.ratio.toFixed(3) },
    });
    return [{ claim: 'W10 counting, ≤ 1.02× of a hit that is not counted', value: ours.ratio, limit: 1.02 }];
  } finally {
    for (const path of [without, counts, again]) rmSync(path, { recursive: true, force: true });
  }
}

const [, , what, floor, ...paths] = process.argv;
if (what === 'measure') await measure(paths, floor);
else if (process.argv[1] === FILE) console.log(await run());
