import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import {
  CacheService,
  DatapunkCacheModule,
  getCacheToken,
  InjectCache,
  ReadThrough,
  type CacheModuleOptions,
  type CacheOptionsFactory,
} from '@datapunk/cache';
import { DatapunkCacheTestingModule, EventRecorder, FakeClock } from '@datapunk/cache/testing';
import { boot, closeAfterwards } from '../../support/boot.js';

@Injectable()
class Config implements CacheOptionsFactory {
  createCacheOptions(): CacheModuleOptions {
    return { service: 'configured' };
  }
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

describe('forRootAsync', () => {
  it.each([
    ['useFactory', { useFactory: async () => ({ service: 'configured' }) }],
    [
      'useFactory with inject',
      { imports: [ConfigModule], inject: [Config], useFactory: (c: Config) => c.createCacheOptions() },
    ],
    ['useClass', { useClass: Config }],
    ['useExisting', { imports: [ConfigModule], useExisting: Config }],
  ])('takes options from %s', async (_name, options) => {
    const module = closeAfterwards(
      await Test.createTestingModule({ imports: [DatapunkCacheModule.forRootAsync(options as never)] }).compile(),
    );
    await module.init();
    const cache = module.get(CacheService);
    await cache.set('user:1', 'Ada');
    expect(await cache.get('app:configured:user:1')).toBe('Ada');
  });
});

@Injectable()
class Catalog {
  constructor(@InjectCache('catalog') readonly cache: CacheService) {}
}

@Injectable()
class Reads {
  runs = 0;

  @ReadThrough('product:{0}')
  async product(id: number): Promise<{ id: number; at: Date }> {
    this.runs += 1;
    return { id, at: new Date(0) };
  }

  @ReadThrough('user:{0}', { policy: 'brief' })
  async user(id: number): Promise<number> {
    this.runs += 1;
    return id;
  }

  @ReadThrough('order:{0}')
  async order(id: number): Promise<number> {
    this.runs += 1;
    return id;
  }
}

describe('rules', () => {
  const start = async () => {
    const catalog = DatapunkCacheModule.forFeatureAsync('catalog', {
      imports: [ConfigModule],
      inject: [Config],
      useFactory: (config: Config) => ({
        entities: ['product'],
        ttl: config.createCacheOptions() && '1h',
        isolation: 'copy',
      }),
    });
    const root = DatapunkCacheTestingModule.forRoot({ defaults: { ttl: '10s' }, policies: { brief: { ttl: '1s' } } });
    const module = closeAfterwards(
      await Test.createTestingModule({ imports: [root, catalog], providers: [Catalog, Reads] }).compile(),
    );
    await module.init();
    return { module, reads: module.get(Reads), clock: module.get(FakeClock), events: module.get(EventRecorder) };
  };

  it('come from the call, the policy, the owner of the entity, the defaults: the nearest word wins', async () => {
    const { module, reads, events } = await start();
    await reads.product(1);
    await reads.user(1);
    await reads.order(1);
    await module.get(CacheService).readThrough('product:2', async () => 1, { ttl: '7s' });
    await module.get(CacheService).set('product:3', 1, { policy: 'brief' });
    expect(events.of('stored').map(({ key, ttl }) => [key, ttl])).toEqual([
      ['app:test:product:1', 3_600_000],
      ['app:test:user:1', 1_000],
      ['app:test:order:1', 10_000],
      ['app:test:product:2', 7_000],
      ['app:test:product:3', 1_000],
    ]);
  });

  it('end a value exactly at its time', async () => {
    const { reads, clock } = await start();
    await reads.user(1);
    clock.advance(999);
    await reads.user(1);
    expect(reads.runs).toBe(1);
    clock.advance(1);
    await reads.user(1);
    expect(reads.runs).toBe(2);
  });

  it('give every caller a copy where they say so, whoever touches the key', async () => {
    const { module, reads } = await start();
    const first = await reads.product(1);
    first.id = 99;
    first.at.setTime(5);
    expect(await reads.product(1)).toEqual({ id: 1, at: new Date(0) });
    expect(await module.get(CacheService).get('product:1')).toEqual({ id: 1, at: new Date(0) });
    const mine = (await module.get(CacheService).readThrough('product:1', async () => null)) as unknown as {
      id: number;
    };
    mine.id = 3;
    expect(reads.runs).toBe(1);
    await expect(
      module
        .get(CacheService)
        .readThrough('product:1', async () => null as any, { isolation: 'frozen' })
        .then((v) => (v.id = 1)),
    ).rejects.toThrow(TypeError);
  });

  it('inject a named cache by its name', async () => {
    const { module } = await start();
    const catalog = module.get(Catalog);
    await catalog.cache.set('product:7', 'seven');
    expect(await module.get(CacheService).get('product:7')).toBe('seven');
    expect(module.get(getCacheToken('catalog'), { strict: false })).toBe(catalog.cache);
  });
});

describe('DatapunkCacheTestingModule', () => {
  it('stands in for the real module of an application', async () => {
    const cacheModule = DatapunkCacheModule.forRoot({ service: 'real' });
    @Module({ imports: [cacheModule], providers: [Reads] })
    class AppModule {}
    const module = closeAfterwards(
      await Test.createTestingModule({ imports: [AppModule] })
        .overrideModule(cacheModule)
        .useModule(DatapunkCacheTestingModule.forRoot({ policies: { brief: { ttl: '1s' } } }))
        .compile(),
    );
    await module.init();
    await module.get(Reads).user(1);
    module.get(FakeClock).advance(1_000);
    await module.get(Reads).user(1);
    expect(module.get(Reads).runs).toBe(2);
  });

  it('records what the cache told, in order', async () => {
    const module = closeAfterwards(
      await Test.createTestingModule({
        imports: [DatapunkCacheTestingModule.forRoot({ policies: { brief: {} } })],
        providers: [Reads],
      }).compile(),
    );
    await module.init();
    await module.get(Reads).user(1);
    await module.get(Reads).user(1);
    await module.get(CacheService).delete('user:1');
    await module.get(CacheService).expire('user:1');
    expect(module.get(EventRecorder).types).toEqual(['miss', 'loaded', 'stored', 'hit', 'deleted', 'expired']);
    module.get(EventRecorder).clear();
    expect(module.get(EventRecorder).all).toEqual([]);
  });

  it('bypasses the cache altogether', async () => {
    const module = closeAfterwards(
      await Test.createTestingModule({
        imports: [DatapunkCacheTestingModule.bypass(), DatapunkCacheModule.forFeature('catalog')],
        providers: [Reads, Catalog],
      }).compile(),
    );
    await module.init();
    const reads = module.get(Reads);
    await reads.user(1);
    await reads.user(1);
    expect(reads.runs).toBe(2);
    const cache = module.get(CacheService);
    await cache.set('user:1', 1);
    expect(await cache.get('user:1')).toBeUndefined();
    expect(await cache.readThrough('user:1', async (load) => load.key)).toBe('user:1');
    expect(await cache.writeThrough('user:1', 5, async () => undefined)).toBe(5);
    expect(await cache.writeThrough('user:1', 5, async (v) => v + 1)).toBe(6);
    expect(await cache.cacheAside('user:1', async () => 7)).toBe(7);
  });
});

describe('closing', () => {
  it('lets go of everything, and a new application starts empty', async () => {
    const app = await boot([]);
    await app.get(CacheService).set('user:1', 1);
    const cache = app.get(CacheService);
    await app.close();
    expect(await cache.get('user:1')).toBeUndefined();
    const next = await boot([]);
    expect(await next.get(CacheService).get('user:1')).toBeUndefined();
  });

  it('never keeps the process alive, not even with a load that does not end', async () => {
    @Module({ imports: [DatapunkCacheModule.forRoot({ service: 'lake' })] })
    class AppModule {}
    const before = timersThatKeepAlive();
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    const cache = app.get(CacheService);
    await cache.readThrough('user:1', async () => 1);
    await cache.get('user:1');
    void cache.readThrough('user:2', () => new Promise<never>(() => undefined));
    expect(timersThatKeepAlive()).toBe(before);
    await app.close();
    expect(timersThatKeepAlive()).toBe(before);
  });
});

/** Timers that are unref'd do not count. */
function timersThatKeepAlive(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
