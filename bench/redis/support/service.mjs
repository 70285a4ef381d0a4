/** The claim itself: `CacheService` of the built package, its memory too small to hold a key until it is asked again. */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const require = createRequire(import.meta.url);
const BUILT = process.env.BENCH_DIST ?? '../../../dist';

export async function service({ kind, nodes }) {
  const { CacheService, DatapunkCacheModule } = require(`${BUILT}/index.js`);
  const [{ host, port }] = nodes;
  const redis = kind === 'cluster' ? { nodes } : `redis://${host}:${port}`;
  class App {}
  Module({
    imports: [
      DatapunkCacheModule.forRoot({
        service: 'bench',
        redis,
        local: { hot: { maxEntries: 1 } },
        protection: { operations: false },
      }),
    ],
  })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  const cache = app.get(CacheService);
  const load = () => Promise.reject(new Error('it was not in Redis'));
  return {
    read: (key) => cache.readThrough(key, load),
    readThrough: (key, source) => cache.readThrough(key, source),
    // Changes go out in the order asked, so these come after every value on its way, on each node.
    settled: () => Promise.all(Array.from({ length: 30 }, (_, at) => cache.delete(`settled:${at}`))),
    close: () => app.close(),
  };
}
