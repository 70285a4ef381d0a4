import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { CacheService, DatapunkCacheModule, InjectCache, ReadThrough } from '@datapunk/cache';
import { DatapunkCacheTestingModule, EventRecorder, FakeClock } from '@datapunk/cache/testing';
import { closeAfterwards } from '../../support/boot.js';

@Injectable()
class Catalog {
  constructor(@InjectCache('catalog') readonly cache: CacheService) {}
}

@Injectable()
class Reads {
  runs = 0;

  @ReadThrough('user:{0}', { policy: 'brief' })
  async user(id: number): Promise<number> {
    this.runs += 1;
    return id;
  }
}

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
    expect(module.get(EventRecorder).types).toEqual([
      'miss',
      'load-started',
      'loaded',
      'stored',
      'hit',
      'deleted',
      'expired',
    ]);
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
    expect(cache.staleness()).toEqual([]);
    const load = async (ids: readonly number[]) => new Map(ids.map((id) => [id, id]));
    expect(await cache.batched((id: number) => `user:${id}`, load)(8)).toBe(8);
  });

  it('lets the caller of a bypassed bulk read leave, and tells its loader', async () => {
    const module = closeAfterwards(
      await Test.createTestingModule({ imports: [DatapunkCacheTestingModule.bypass()] }).compile(),
    );
    const caller = new AbortController();
    let told: unknown;
    const reading = module.get(CacheService).readThroughMany(
      [1, 2],
      (id) => `user:${id}`,
      (_ids, { signal }) => {
        signal.addEventListener('abort', () => (told = signal.reason));
        return new Promise<never>(() => undefined);
      },
      { signal: caller.signal },
    );
    caller.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
    expect(told).toEqual(new Error('gone'));
  });
});
