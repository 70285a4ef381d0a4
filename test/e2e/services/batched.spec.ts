import { describe, expect, it } from 'vitest';
import { CacheService, defineKey, runInCacheContext, runInCacheTransaction } from '@datapunk/cache';
import { boot } from '../../support/boot.js';

const pupilKey = defineKey('pupil:{id}').holds<string>();
const keyOf = (id: number) => pupilKey({ id });

describe('single reads of one tick', () => {
  const start = async () => {
    const cache = (await boot([])).get(CacheService);
    const asked: number[][] = [];
    const read = cache.batched(keyOf, async (ids: readonly number[]) => {
      asked.push([...ids]);
      return new Map(ids.filter((id) => id < 100).map((id) => [id, `p${id}`]));
    });
    return { cache, asked, read };
  };

  it('share one load, and each has its own value', async () => {
    const { cache, asked, read } = await start();
    await cache.set(keyOf(2), 'kept');
    const later = Promise.resolve().then(() => read(3));
    expect(await Promise.all([read(1), read(2), later, read(404), read(1)])).toEqual(['p1', 'kept', 'p3', null, 'p1']);
    expect(asked.map((ids) => ids.toSorted((one, other) => one - other))).toEqual([[1, 3, 404]]);
    expect(await cache.getMany([1, 3, 404].map(keyOf))).toEqual(['p1', 'p3', null]);
  });

  it('load apart from those of the next', async () => {
    const { asked, read } = await start();
    await read(11);
    await Promise.all([read(11), read(12)]);
    expect(asked).toEqual([[11], [12]]);
  });

  it('join the load of the key that is under way', async () => {
    const { cache, asked, read } = await start();
    const single = cache.readThrough(keyOf(21), async () => 'single');
    expect(await Promise.all([read(21), read(22), single])).toEqual(['single', 'p22', 'single']);
    expect(asked).toEqual([[22]]);
  });

  it('of different requests share nothing', async () => {
    const { asked, read } = await start();
    const inRequest = (user: string, id: number) => runInCacheContext({ user }, () => read(id));
    await Promise.all([inRequest('a', 31), inRequest('b', 32)]);
    expect(new Set(asked.flat())).toEqual(new Set([31, 32]));
    expect(asked).toHaveLength(2);
  });

  it('load in the transaction that they are part of, a key once', async () => {
    const { cache, asked, read } = await start();
    await runInCacheTransaction(async () => {
      await cache.set(keyOf(41), 'unseen');
      expect(await Promise.all([read(41), read(42), read(41)])).toEqual(['p41', 'p42', 'p41']);
    });
    expect(asked).toEqual([[41, 42]]);
    expect(await cache.get(keyOf(42))).toBeUndefined();
  });

  it('fail together with what the loader throws, and one by one for a wrong key', async () => {
    const { cache } = await start();
    const read = cache.batched(
      (id: string) => (id === '' ? 'no key' : pupilKey({ id })),
      () => Promise.reject(new Error('source down')),
    );
    const [one, other, wrong] = await Promise.allSettled([read('51'), read('52'), read('')]);
    expect(one).toMatchObject({ reason: { message: 'source down' } });
    expect(other).toMatchObject({ reason: { message: 'source down' } });
    expect(wrong).toMatchObject({ reason: { code: 'KEY_GRAMMAR' } });
  });
});
