import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheService, DatapunkCacheModule, Evict, ReadThrough } from '@datapunk/cache';
import { backendOptions, SERVICE } from '../../support/backends.js';
import { boot, rootModule } from '../../support/boot.js';
import { connectionsOf, servers } from '../../support/redis/backend-servers.js';
import { watchingHandles } from '../../support/redis/open-handles.js';
import { eventually } from '../../support/redis/wait.js';

const none = () =>
  eventually('Redis has no connection of ours', async () => (await connectionsOf(SERVICE)).length === 0);

@Injectable()
class WrongOption {
  @ReadThrough('town:{0}', { ttl: 'soon' as never })
  async find(id: number): Promise<number> {
    return id;
  }
}

@Injectable()
class WrongKey {
  @Evict('town:{5}' as 'town:{0}')
  async raze(_id: number): Promise<void> {}
}

const twoOwners = [
  DatapunkCacheModule.forFeature('catalog', { entities: ['product'] }),
  DatapunkCacheModule.forFeature('shop', { entities: ['product'] }),
];
const wrongFeature = DatapunkCacheModule.forFeature('catalog', { ttl: 'soon' as never });
const secondRoot = DatapunkCacheModule.forRoot({ service: SERVICE });

describe('connections to Redis', () => {
  it('are few, named after the service, and gone when the application is closed', async () => {
    await none();
    const app = await boot([]);
    await app.get(CacheService).set('town:1', 1);
    const names = await connectionsOf(SERVICE);
    expect(names).toContain(`datapunk-cache:${SERVICE}`);
    expect(names).toContain(`datapunk-cache:${SERVICE}:bus`);
    // One to each node that the options name, replicas too, and one for the bus.
    expect(names.length).toBeLessThanOrEqual(servers().nodes().length + 1);
    await app.close();
    await none();
  });

  it.each<[string, Parameters<typeof rootModule>[0]]>([
    ['a wrong option of a decorator', { providers: [WrongOption] }],
    ['a wrong key of a decorator', { providers: [WrongKey] }],
    ['a wrong option of a named cache', { imports: [wrongFeature] }],
    ['two owners of an entity', { imports: twoOwners }],
    ['a second forRoot', { imports: [secondRoot] }],
  ])('are not left by a boot that fails for %s', async (_, parts) => {
    const { result: error, left } = await watchingHandles(() =>
      NestFactory.createApplicationContext(rootModule(parts), { logger: false, abortOnError: false }).then(
        () => new Error('the boot did not fail'),
        (reason: unknown) => reason,
      ),
    );
    expect(error).toBeInstanceOf(CacheConfigError);
    await none();
    expect(left()).toEqual([]);
  });

  it('are opened again by the next application in the same process', async () => {
    @Module({ imports: [DatapunkCacheModule.forRoot({ service: SERVICE, ...backendOptions() })] })
    class AppModule {}
    for (const round of [1, 2, 3]) {
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
      await app.get(CacheService).set('town:1', round);
      expect(await app.get(CacheService).get('town:1')).toBe(round);
      await app.close();
    }
    await none();
  });
});
