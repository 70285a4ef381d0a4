import { Injectable } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { CacheEvents, CacheService, ReadThrough, type CacheModuleOptions, type EventOf } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';

const EVERY: CacheModuleOptions['staleness'] = { sample: 1, perSecond: 100 };

/** A table that is also changed by others, which know of no cache. */
@Injectable()
class Towns {
  readonly rows = new Map<number, object>([[1, { name: 'Ulm', at: new Date(5), tags: new Set(['a', 'b']) }]]);
  reads = 0;

  @ReadThrough('town:{0}')
  async find(id: number): Promise<object | null> {
    this.reads += 1;
    return this.rows.get(id) ?? null;
  }
}

const start = async (staleness: CacheModuleOptions['staleness']) => {
  const app = await boot([Towns], { staleness });
  const [cache, towns] = [app.get(CacheService), app.get(Towns)];
  const found: EventOf<'stale-hit'>[] = [];
  app.get(CacheEvents).on('stale-hit', (event) => found.push(event));
  return { app, cache, towns, found };
};

/** Longer than the second that a value is believed. */
const aSecondLater = () => new Promise((resolve) => setTimeout(resolve, 1_050));

describe('a row that is changed behind the cache', () => {
  it('is found by the hits on it, and the next read loads it', async () => {
    const { app, cache, towns, found } = await start(EVERY);
    await cache.delete('town:1');
    await towns.find(1);
    const removed: EventOf<'deleted'>[] = [];
    app.get(CacheEvents).on('deleted', (event) => removed.push(event));
    await aSecondLater();
    towns.rows.set(1, { name: 'Neu-Ulm' });
    await vi.waitFor(async () => expect(await towns.find(1)).toEqual({ name: 'Neu-Ulm' }), 10_000);
    expect(found).toEqual([
      { type: 'stale-hit', key: full('town:1'), reader: 'Towns.find', level: 'eventual', age: expect.any(Number) },
    ]);
    expect(found[0]?.age).toBeGreaterThan(1_000);
    expect(removed[0]).toEqual({ type: 'deleted', key: full('town:1'), cause: 'stale' });
    const [figures] = cache.staleness();
    expect(figures).toMatchObject({ reader: 'Towns.find', level: 'eventual', stale: 1 });
    expect(figures?.rate).toBeGreaterThan(0);
  });

  it('is not found with the meter off', async () => {
    const { cache, towns, found } = await start(false);
    await cache.delete('town:1');
    const first = await towns.find(1);
    await aSecondLater();
    const { reads } = towns;
    towns.rows.set(1, { name: 'Neu-Ulm' });
    for (let time = 0; time < 20; time += 1) {
      expect(await towns.find(1)).toEqual(first);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect([towns.reads, found, cache.staleness()]).toEqual([reads, [], []]);
  });

  it('is found for reads through the service, by their entity', async () => {
    const { cache, found } = await start(EVERY);
    let row = 'old';
    const read = () => cache.readThrough('village:1', async () => row);
    await cache.delete('village:1');
    await read();
    await aSecondLater();
    row = 'new';
    await vi.waitFor(async () => expect(await read()).toBe('new'), 10_000);
    expect(found).toMatchObject([{ reader: 'village' }]);
  });
});

describe('a row that nobody changed', () => {
  it('is the same after its way through the layers, whatever it holds', async () => {
    const { app, cache, towns, found } = await start(EVERY);
    const verdicts: string[] = [];
    app.get(CacheEvents).on('hit-compared', ({ verdict }) => verdicts.push(verdict));
    await cache.delete('town:1');
    await towns.find(1);
    await aSecondLater();
    await vi.waitFor(async () => {
      await towns.find(1);
      expect(verdicts).toEqual(['same']);
    }, 10_000);
    expect(found).toEqual([]);
    expect(cache.staleness()).toMatchObject([{ compared: 1, stale: 0, rate: 0 }]);
  });
});
