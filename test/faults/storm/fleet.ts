import { NestFactory } from '@nestjs/core';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';

/** Applications of one service, as a fleet would run them, each with connections and memory of its own. */
export class Fleet {
  private constructor(private readonly apps: readonly INestApplicationContext[]) {}

  static async start(count: number, redis: RedisOption, service: string): Promise<Fleet> {
    const apps = Array.from({ length: count }, async () => {
      class App {}
      // Nothing may repair what the storm finds, and what a busy machine makes late is no outage.
      Module({
        imports: [DatapunkCacheModule.forRoot({ service, redis, staleness: false, protection: { patience: '1s' } })],
      })(App);
      return NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    });
    return new Fleet(await Promise.all(apps));
  }

  get caches(): CacheService[] {
    return this.apps.map((app) => app.get(CacheService));
  }

  get(at: number): INestApplicationContext {
    const app = this.apps[at];
    if (app === undefined) throw new Error(`there is no application ${at}`);
    return app;
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
  }
}
