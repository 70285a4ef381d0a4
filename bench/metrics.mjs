/**
 * What metrics, and with them health and alerts, cost a hit in memory: applications with `CacheMetricsModule`, scraped every
 * 100 ms, and without. Claim: at most 10 %. One caller, 1,000 keys.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { inManyProcesses } from './support/many-processes.mjs';
import { interleave, median, ratios } from './support/measure.mjs';

const require = createRequire(import.meta.url);
const FILE = fileURLToPath(import.meta.url);

async function serviceOf(side) {
  const { DatapunkCacheModule, CacheService } = require('../dist/index.js');
  const { CacheMetricsModule } = require('../dist/prometheus.js');
  const { Registry } = require('prom-client');
  const registry = new Registry();
  const metrics = side === 'metrics' ? [CacheMetricsModule.forRoot({ registry })] : [];
  class App {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench' }), ...metrics] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  if (side === 'metrics') setInterval(() => void registry.metrics(), 100).unref();
  return app.get(CacheService);
}

async function measure(sides, floor) {
  const keys = Array.from({ length: 1_000 }, (_, id) => `product:${id}`);
  const load = async () => ({ id: 1, name: 'loaded', price: 1 });
  const variants = {};
  for (const side of sides) {
    const cache = await serviceOf(side);
    for (const key of keys) await cache.readThrough(key, load);
    variants[side] = async (count) => {
      for (let at = 0; at < count; at += 1) await cache.readThrough(keys[at % keys.length], load);
    };
  }
  const times = await interleave(variants, { rounds: 21, count: 100_000 });
  const other = sides.find((side) => side !== floor);
  console.log(JSON.stringify({ ratio: ratios(times, floor)[other], ns: median(times[floor]) }));
  process.exit();
}

export async function run() {
  const rows = ['twin', 'metrics'].map((side) => [side, inManyProcesses(FILE, 'plain', side)]);
  console.table(
    Object.fromEntries(rows.map(([side, { ratio }]) => [side, { '× of a hit without': ratio.toFixed(3) }])),
  );
  const value = Object.fromEntries(rows).metrics.ratio;
  return [{ claim: 'W11 metrics on, ≤ 1.10× of a hit without', value, limit: 1.1 }];
}

const [, , what, floor, ...sides] = process.argv;
if (what === 'measure') await measure(sides, floor);
else if (process.argv[1] === FILE) console.log(await run());
