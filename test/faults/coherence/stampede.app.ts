import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';

/** What many callers of one key saw; times are ms since the epoch, of one machine. */
export interface Seen {
  readonly loads: number;
  readonly values: readonly unknown[];
  /** When the load of this process ended; 0: it had none. */
  readonly loaded: number;
  readonly last: number;
}

const now = () => performance.timeOrigin + performance.now();

/** Reads through a cache in a process of its own. */
export async function start({ redis, service }: { readonly redis: RedisOption; readonly service: string }) {
  class App {}
  Module({
    imports: [DatapunkCacheModule.forRoot({ service, redis, staleness: false, protection: { patience: '1s' } })],
  })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  const cache = app.get(CacheService);
  return {
    /** So many callers ask for one key at once; loading it takes so long. */
    stampede: async (key: string, callers: number, loadMs: number): Promise<Seen> => {
      let [loads, loaded] = [0, 0];
      const load = async () => {
        loads += 1;
        await new Promise((done) => setTimeout(done, loadMs));
        loaded = now();
        return `loaded by ${process.pid}`;
      };
      const values = await Promise.all(Array.from({ length: callers }, () => cache.readThrough(key, load)));
      return { loads, values: [...new Set(values)], loaded, last: now() };
    },
    stop: () => app.close(),
  };
}
