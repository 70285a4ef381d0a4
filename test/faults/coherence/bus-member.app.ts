import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheEvents, CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';

const KEYS = 50;

/** What a member of the fleet did and heard. */
export interface Account {
  readonly changed: number;
  /** Changes that Redis refused, or did not answer. */
  readonly failed: number;
  /** Gaps that it has seen, each with its cause. */
  readonly gaps: readonly string[];
}

/** Changes keys of the fleet all the time, in a process of its own, and says which messages it thinks it has missed. */
export async function start({ redis, service }: { readonly redis: RedisOption; readonly service: string }) {
  class App {}
  Module({
    imports: [DatapunkCacheModule.forRoot({ service, redis, staleness: false, protection: { patience: '1s' } })],
  })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  const cache = app.get(CacheService);
  const gaps: string[] = [];
  app.get(CacheEvents).on('gap', ({ cause, publisher }) => gaps.push(`${cause} of ${publisher}`));
  let [changed, failed, isOver] = [0, 0, false];
  const change = async () => {
    const key = `page:${Math.floor(Math.random() * KEYS)}`;
    try {
      await (Math.random() < 0.5 ? cache.set(key, changed) : cache.delete(key));
      changed += 1;
    } catch {
      failed += 1;
    }
  };
  const go = () => {
    if (isOver) return;
    void change();
    // Now and then it has nothing to tell for a while, and falls idle.
    setTimeout(go, Math.random() < 0.005 ? 5_000 : 40 * Math.random());
  };
  go();
  return {
    /** Blocks the event loop. */
    stall: (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
    },
    account: (): Account => ({ changed, failed, gaps }),
    stop: async (): Promise<Account> => {
      isOver = true;
      await app.close();
      return { changed, failed, gaps };
    },
  };
}
