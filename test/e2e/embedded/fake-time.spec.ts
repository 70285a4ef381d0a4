import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { CacheService, Computed, LockTimeoutError, ReadThrough } from '@datapunk/cache';
import { DatapunkCacheTestingModule, EventRecorder, FakeClock } from '@datapunk/cache/testing';
import { closeAfterwards } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

@Injectable()
class Reads {
  runs = 0;

  @ReadThrough('user:{0}', { ttl: '1s' })
  async user(id: number): Promise<number> {
    this.runs += 1;
    return id;
  }

  @Computed({ ttl: '1h' })
  sum(a: number, b: number): number {
    this.runs += 1;
    return a + b;
  }
}

/** On a clock that stands still until it is moved, and without jitter: what a server would not. */
async function start(options: Parameters<typeof DatapunkCacheTestingModule.forRoot>[0] = {}) {
  const module = closeAfterwards(
    await Test.createTestingModule({
      imports: [DatapunkCacheTestingModule.forRoot(options)],
      providers: [Reads],
    }).compile(),
  );
  await module.init();
  return { module, cache: module.get(CacheService), reads: module.get(Reads), clock: module.get(FakeClock) };
}

describe('lifetimes', () => {
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

  it('end a computed result exactly at its time', async () => {
    const { reads, clock } = await start();
    reads.sum(1, 2);
    clock.advance(3_599_999);
    reads.sum(1, 2);
    expect(reads.runs).toBe(1);
    clock.advance(1);
    reads.sum(1, 2);
    expect(reads.runs).toBe(2);
  });
});

describe('bounds', () => {
  it('gives a waiting update up in time, and it does not run', async () => {
    const { module, cache } = await start();
    const held = gate();
    const first = cache.cacheAside('count:1', async () => {
      await held.promise;
      return 1;
    });
    const second = vi.fn(async () => 2);
    const waiting = cache.cacheAside('count:1', second);
    await new Promise((resolve) => setImmediate(resolve));
    module.get(FakeClock).advance(5_000);
    await expect(waiting).rejects.toThrow(LockTimeoutError);
    await expect(waiting).rejects.toThrow(/'app:test:count:1' was not free within 5000 ms/);
    held.open();
    expect(await first).toBe(1);
    expect(second).not.toHaveBeenCalled();
  });

  it('drops the value of a save that took longer than ten seconds', async () => {
    const { module, cache } = await start();
    const held = gate();
    const write = cache.writeThrough('user:1', 'slow', () => held.promise);
    module.get(FakeClock).advance(10_001);
    expect(await cache.readThrough('user:1', async () => 'read meanwhile')).toBe('read meanwhile');
    held.open();
    await write;
    expect(await cache.get('user:1')).toBeUndefined();
  });

  it('stays within its entries and bytes, and tells what it evicts', async () => {
    const { module, cache } = await start({ local: { budget: '64kb', hot: { maxEntries: 10 } } });
    for (let id = 0; id < 20; id += 1) await cache.set(`user:${id}`, id);
    const recorder = module.get(EventRecorder);
    expect(recorder.of('evicted').map(({ key }) => key)).toEqual(
      Array.from({ length: 10 }, (_, id) => `app:test:user:${id}`),
    );
    await cache.set('big:1', 'x'.repeat(20_000));
    expect(recorder.of('not-stored')).toEqual([{ type: 'not-stored', key: 'app:test:big:1', reason: 'too-large' }]);
  });
});
