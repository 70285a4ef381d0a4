/** An application with the built package, over these servers. */
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const require = createRequire(import.meta.url);
const BUILT = process.env.BENCH_DIST ?? '../../../dist';

export async function locksOf({ kind, nodes }) {
  const { LockService, DatapunkCacheModule } = require(`${BUILT}/index.js`);
  const [{ host, port }] = nodes;
  const redis = kind === 'cluster' ? { nodes } : `redis://${host}:${port}`;
  class App {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'bench', redis })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  return { locks: app.get(LockService), close: () => app.close() };
}
