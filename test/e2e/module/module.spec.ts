import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import {
  CacheEvents,
  CacheService,
  DatapunkCacheModule,
  getCacheToken,
  InjectCache,
  ReadThrough,
  type CacheModuleOptions,
  type CacheOptionsFactory,
} from '@datapunk/cache';
import { backendOptions, full, isShared, sibling } from '../../support/backends.js';
import { boot, closeAfterwards } from '../../support/boot.js';
import { watchingHandles } from '../../support/redis/open-handles.js';

const CONFIGURED = sibling('configured');

@Injectable()
class Config implements CacheOptionsFactory {
  createCacheOptions(): CacheModuleOptions {
    return { service: CONFIGURED, ...backendOptions() };
  }
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

describe('forRootAsync', () => {
  it.each([
    ['useFactory', { useFactory: async () => new Config().createCacheOptions() }],
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
    expect(await cache.get(`app:${CONFIGURED}:user:1`)).toBe('Ada');
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
    const options = { defaults: { ttl: '10s' }, policies: { brief: { ttl: '1s' } } } as const;
    const app = await boot([Catalog, Reads], options, { imports: [catalog] });
    return { app, reads: app.get(Reads), cache: app.get(CacheService) };
  };

  it('come from the call, the policy, the owner of the entity, the defaults: the nearest word wins', async () => {
    const { app, reads, cache } = await start();
    const stored = new Map<string, number>();
    app.get(CacheEvents).on('stored', ({ key, ttl }) => stored.set(key, ttl));
    await reads.product(1);
    await reads.user(1);
    await reads.order(1);
    await cache.readThrough('product:2', async () => 1, { ttl: '7s' });
    await cache.set('product:3', 1, { policy: 'brief' });
    const expected = {
      'product:1': 3_600_000,
      'user:1': 1_000,
      'order:1': 10_000,
      'product:2': 7_000,
      'product:3': 1_000,
    };
    // Behind the last write all that was loaded before is stored too: a connection keeps the order.
    await expect.poll(() => stored.size).toBe(5);
    for (const [id, ttl] of Object.entries(expected)) {
      const jittered = stored.get(full(id)) ?? 0;
      expect(Math.abs(jittered - ttl), id).toBeLessThanOrEqual(ttl * 0.1);
    }
  });

  it('end a value at its time', async () => {
    const { cache } = await start();
    let runs = 0;
    const read = () => cache.readThrough('user:2', async () => ++runs, { ttl: '200ms' });
    const began = performance.now();
    expect([await read(), await read()]).toEqual([1, 1]);
    await expect.poll(read, { interval: 5, timeout: 2_000 }).toBe(2);
    // Less the jitter, and what a clock may be set by.
    expect(performance.now() - began).toBeGreaterThanOrEqual(170);
  });

  it('give every caller a copy where they say so, whoever touches the key', async () => {
    const { reads, cache } = await start();
    const first = await reads.product(1);
    first.id = 99;
    first.at.setTime(5);
    expect(await reads.product(1)).toEqual({ id: 1, at: new Date(0) });
    expect(await cache.get('product:1')).toEqual({ id: 1, at: new Date(0) });
    const mine = (await cache.readThrough('product:1', async () => null)) as unknown as { id: number };
    mine.id = 3;
    expect(reads.runs).toBe(1);
    await expect(
      cache.readThrough('product:1', async () => null as any, { isolation: 'frozen' }).then((v) => (v.id = 1)),
    ).rejects.toThrow(TypeError);
  });

  it('inject a named cache by its name', async () => {
    const { app, cache } = await start();
    const catalog = app.get(Catalog);
    await catalog.cache.set('product:7', 'seven');
    expect(await cache.get('product:7')).toBe('seven');
    expect(app.get(getCacheToken('catalog'), { strict: false })).toBe(catalog.cache);
  });
});

describe('closing', () => {
  it('lets go of everything; the next application finds what Redis holds, and nothing else', async () => {
    const app = await boot([]);
    const cache = app.get(CacheService);
    await cache.set('user:1', 1);
    await app.close();
    expect(await cache.get('user:1')).toBeUndefined();
    const next = await boot([]);
    expect(await next.get(CacheService).get('user:1')).toBe(isShared ? 1 : undefined);
  });

  it('leaves no handle open, not even with a load that does not end', async () => {
    const { left } = await watchingHandles(async () => {
      const app = await boot([]);
      const cache = app.get(CacheService);
      await cache.readThrough('user:1', async () => 1);
      await cache.get('user:1');
      cache.readThrough('user:2', () => new Promise<never>(() => undefined)).catch(() => undefined);
      await cache.set('user:3', 1);
      await app.close();
    });
    expect(left()).toEqual([]);
  });
});
