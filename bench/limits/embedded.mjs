/**
 * Embedded rate limits beside a counter in a Map with fixed windows behind an async function, on 10,000 keys. Claim: at
 * least 0.7× of its throughput. Shows nothing about Redis.
 */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { interleave, ratios } from '../support/measure.mjs';

const require = createRequire(import.meta.url);
const { DatapunkCacheModule, RateLimitService } = require(`${process.env.BENCH_DIST ?? '../../dist'}/index.js`);

const KEYS = 10_000;
const LIMIT = 1_000_000;
const PER = 60_000;

/** What one writes by hand: a count and the end of its window. */
class MapCounter {
  #windows = new Map();

  async check(key) {
    const now = Date.now();
    let window = this.#windows.get(key);
    if (window === undefined || now >= window.until) {
      window = { count: 0, until: now + PER };
      this.#windows.set(key, window);
    }
    window.count += 1;
    return { allowed: window.count <= LIMIT, remaining: Math.max(0, LIMIT - window.count), reset: window.until - now };
  }
}

export async function run() {
  class App {}
  const rules = { each: { limit: LIMIT, per: PER, key: '{0}' } };
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench', limits: { rules } })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  const limits = app.get(RateLimitService);
  const counter = new MapCounter();
  const keys = Array.from({ length: KEYS }, (_, at) => `user-${at}`);
  const times = await interleave({
    map: async (count) => {
      for (let n = 0; n < count; n += 1) await counter.check(keys[(n * 7_919) % KEYS]);
    },
    limits: async (count) => {
      for (let n = 0; n < count; n += 1) await limits.check('each', keys[(n * 7_919) % KEYS]);
    },
  });
  await app.close();
  const { limits: ratio } = ratios(times, 'map');
  return [{ claim: 'limits: embedded gcra, time × of a Map counter', value: ratio, limit: 1 / 0.7 }];
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
