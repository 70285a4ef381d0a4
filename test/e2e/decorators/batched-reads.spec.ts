import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheService,
  currentLoad,
  defineKey,
  ReadThrough,
  Retried,
  runInCacheContext,
  runInCacheTransaction,
} from '@datapunk/cache';
import { boot } from '../../support/boot.js';

interface Writer {
  id: number;
  name: string;
}

const writerKey = defineKey('writer:{id}').holds<Writer>();
const writer = (id: number): Writer => ({ id, name: `w${id}` });

/** Knows every id from 1 to 99, and writes down what it was asked for. */
@Injectable()
class Writers {
  readonly asked: unknown[] = [];

  @ReadThrough(writerKey, { batch: (writers: Writers, ids: number[]) => writers.many(ids) })
  async find(id: number, _note = ''): Promise<Writer | null> {
    this.asked.push(id);
    return id < 100 ? writer(id) : null;
  }

  @ReadThrough('penned:{0}', {
    batch: (writers: Writers, ids: number[]) => writers.many(ids),
    tags: ['pen:{0}', 'name:{result.name?}'],
  })
  async tagged(id: number): Promise<Writer | null> {
    return writer(id);
  }

  @ReadThrough('listed:{0}', { batch: async (_writers: Writers, ids: number[]) => ids.map(writer) as never })
  async listed(id: number): Promise<Writer> {
    return writer(id);
  }

  @ReadThrough('seen:{0}', {
    batch: async (writers: Writers, ids: number[]) => {
      writers.asked.push(currentLoad()?.key.endsWith('seen:61'));
      return new Map(ids.map((id) => [id, String(id)]));
    },
  })
  async seen(id: number): Promise<string> {
    const load = currentLoad();
    this.asked.push(load?.key.endsWith(`seen:${id}`));
    return load?.stale === undefined ? String(id) : load.notModified();
  }

  private async many(ids: readonly number[]): Promise<Map<number, Writer>> {
    this.asked.push(ids.toSorted((one, other) => one - other));
    if (ids.includes(66)) throw new Error('source down');
    return new Map(ids.filter((id) => id < 100).map((id) => [id, writer(id)]));
  }
}

async function start() {
  const app = await boot([Writers]);
  return { cache: app.get(CacheService), writers: app.get(Writers) };
}

describe('reads of one id with { batch }', () => {
  it('that begin in one tick load together what is missing', async () => {
    const { cache, writers } = await start();
    await cache.set(writerKey({ id: 2 }), writer(2));
    const later = Promise.resolve().then(() => writers.find(3));
    const found = await Promise.all([writers.find(1), writers.find(2), later, writers.find(404), writers.find(1)]);
    expect(found.map((one) => one?.name)).toEqual(['w1', 'w2', 'w3', undefined, 'w1']);
    expect(writers.asked).toEqual([[1, 3, 404]]);
    expect(await writers.find(404)).toBeNull();
    expect(writers.asked).toHaveLength(1);
  });

  it('alone run the method', async () => {
    const { writers } = await start();
    expect(await writers.find(11)).toEqual(writer(11));
    await Promise.all([writers.find(11), writers.find(12)]);
    expect(writers.asked).toEqual([11, 12]);
  });

  it('see the load they are part of: alone that of their key', async () => {
    const { cache, writers } = await start();
    expect(await writers.seen(60)).toBe('60');
    await cache.expire('seen:60');
    expect(await writers.seen(60)).toBe('60');
    await Promise.all([writers.seen(61), writers.seen(62)]);
    expect(writers.asked).toEqual([true, true, true]);
  });

  it('of different requests share nothing, nor do those with another argument', async () => {
    const { writers } = await start();
    const inRequest = (user: string, id: number) => runInCacheContext({ user }, () => writers.find(id));
    await Promise.all([inRequest('a', 21), inRequest('b', 22), writers.find(23, 'note'), writers.find(24)]);
    expect(new Set(writers.asked)).toEqual(new Set([21, 22, 23, 24]));
  });

  it('load in the transaction that they are part of, a key once', async () => {
    const { cache, writers } = await start();
    await runInCacheTransaction(async () => {
      await cache.set(writerKey({ id: 31 }), { id: 31, name: 'unseen' });
      const found = await Promise.all([writers.find(31), writers.find(32), writers.find(31)]);
      expect(found.map((one) => one?.name)).toEqual(['w31', 'w32', 'w31']);
    });
    expect(writers.asked).toEqual([[31, 32]]);
  });

  it('fail together, keep nothing, and are loaded again', async () => {
    const { writers } = await start();
    const failed = await Promise.allSettled([writers.find(66), writers.find(67)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await writers.find(67)).toEqual(writer(67));
  });

  it('have each its own tags', async () => {
    const { cache, writers } = await start();
    await Promise.all([writers.tagged(41), writers.tagged(42), writers.tagged(43), writers.tagged(404)]);
    await cache.invalidateTags(['pen:41', 'name:w42']);
    await Promise.all([writers.tagged(41), writers.tagged(42), writers.tagged(43), writers.tagged(404)]);
    expect(writers.asked).toEqual([
      [41, 42, 43, 404],
      [41, 42],
    ]);
  });

  it('run uncached where no key can be built', async () => {
    const { writers } = await start();
    expect(await writers.find({} as never)).toBeNull();
  });

  it('say what is wrong with what the batch gives', async () => {
    const { writers } = await start();
    const [one] = await Promise.allSettled([writers.listed(51), writers.listed(52)]);
    expect(one).toMatchObject({
      reason: { message: expect.stringContaining('Writers.listed: batch gave') as string },
    });
  });
});

describe('{ batch } is refused at boot', () => {
  const many = (_self: unknown, ids: number[]) => Promise.resolve(new Map(ids.map((id) => [id, id])));

  @Injectable()
  class Two {
    @ReadThrough('two:{0}', { batch: many })
    async find(id: number, other: number): Promise<number> {
      return id + other;
    }
  }

  @Injectable()
  class Again {
    @Retried('again')
    @ReadThrough('again:{0}', { batch: many })
    async find(id: number): Promise<number> {
      return id;
    }
  }

  @Injectable()
  class Many {
    @ReadThrough('many:{0.*}', { batch: many as never })
    async find(ids: number[]): Promise<Map<number, number>> {
      return new Map(ids.map((id) => [id, id]));
    }
  }

  @Injectable()
  class Named {
    @ReadThrough('named:{0}', { batch: 'many' as never })
    async find(id: number): Promise<number> {
      return id;
    }
  }

  it.each([
    ['on a method of two parameters', Two, 'this one has 2'],
    ['beside what would not hold for it', Again, 'Put @Retried'],
    ['on a method that reads many', Many, 'Drop { batch }'],
    ['where it is no function', Named, 'batch: "many" is no function'],
  ])('%s', async (_where, type, message) => {
    const booted = boot([type]);
    await expect(booted).rejects.toThrow(CacheConfigError);
    await expect(booted).rejects.toThrow(message);
  });
});
