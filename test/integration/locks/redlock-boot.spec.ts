import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CacheConfigError, DatapunkCacheModule, LockService, type LocksOptions } from '@datapunk/cache';
import { watchingHandles } from '../../support/redis/open-handles.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { pause } from '../../support/redis/wait.js';

let servers: Standalone[];
beforeAll(async () => {
  servers = await Promise.all([startStandalone(), startStandalone(), startStandalone()]);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function boot(locks: LocksOptions): Promise<INestApplicationContext> {
  class App {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'lake', locks })] })(App);
  return NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
}

const redlock = (): LocksOptions => ({ engine: 'redlock', nodes: servers.map(({ address }) => `redis://${address}`) });

describe("locks: { engine: 'redlock' }", () => {
  it('has one holder among the processes of a service, and leaves nothing open', async () => {
    const { left } = await watchingHandles(async () => {
      const apps = await Promise.all([boot(redlock()), boot(redlock())]);
      let holders = 0;
      let most = 0;
      const work = async () => {
        most = Math.max(most, (holders += 1));
        await pause(20);
        holders -= 1;
      };
      await Promise.all([...apps, ...apps].map((app) => app.get(LockService).run('report', work, { wait: '20s' })));
      expect(most).toBe(1);
      for (const app of apps) await app.close();
    });
    expect(left()).toEqual([]);
  });

  it('is refused over the nodes of a cluster', async () => {
    const nodes = inject('redis').cluster.slice(0, 3);
    await expect(boot({ engine: 'redlock', nodes })).rejects.toThrow(CacheConfigError);
    await expect(boot({ engine: 'redlock', nodes })).rejects.toThrow('is no server of its own');
  });
});
