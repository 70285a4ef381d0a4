import { describe, expect, it } from 'vitest';
import { CacheService, defineKey, runInCacheContext, runInCacheTransaction } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

const memberKey = defineKey('member:{id}').holds<string>();
const keyOf = (id: number | string) => memberKey({ id });

describe('many keys at once', () => {
  const start = async () => (await boot([])).get(CacheService);

  /** A loader that knows every id below 100, and writes down what it was asked for. */
  const source = () => {
    const asked: (number | string)[][] = [];
    const load = async <I extends number | string>(missing: readonly I[]): Promise<Map<I, string>> => {
      asked.push([...missing]);
      return new Map(missing.filter((id) => Number(id) < 100).map((id): [I, string] => [id, `m${id}`]));
    };
    return { asked, load };
  };

  it('loads what is missing in one call, and answers in the order asked', async () => {
    const cache = await start();
    await cache.setMany([
      [keyOf(2), 'kept 2'],
      [keyOf(4), 'kept 4'],
    ]);
    const { asked, load } = source();
    const values = await cache.readThroughMany([5, 4, 3, 2, 1], keyOf, load);
    expect([...values]).toEqual([
      [5, 'm5'],
      [4, 'kept 4'],
      [3, 'm3'],
      [2, 'kept 2'],
      [1, 'm1'],
    ]);
    expect(asked).toEqual([[5, 3, 1]]);
    expect(await cache.getMany([1, 2, 3].map(keyOf))).toEqual(['m1', 'kept 2', 'm3']);
    await cache.readThroughMany([1, 2, 3, 4, 5], keyOf, load);
    expect(asked).toHaveLength(1);
  });

  it('loads ids with the same key once, whatever their type', async () => {
    const cache = await start();
    const { asked, load } = source();
    const values = await cache.readThroughMany<number | string, string, string>([7, '7', 7], keyOf, load);
    expect([...values]).toEqual([
      [7, 'm7'],
      ['7', 'm7'],
    ]);
    expect(asked).toEqual([[7]]);
  });

  it('finds an answer by the text of its key', async () => {
    const cache = await start();
    const load = async (): Promise<Map<number | string, string>> => new Map([['8', 'eight']]);
    expect(await cache.readThroughMany<number | string, string, string>([8], keyOf, load)).toEqual(
      new Map([[8, 'eight']]),
    );
  });

  it('keeps null for an id that the loader leaves out', async () => {
    const cache = await start();
    const { asked, load } = source();
    expect(await cache.readThroughMany([100, 9], keyOf, load)).toEqual(
      new Map([
        [100, null],
        [9, 'm9'],
      ]),
    );
    expect(await cache.get(keyOf(100))).toBeNull();
    await cache.readThroughMany([100], keyOf, load);
    expect(asked).toHaveLength(1);
  });

  it('waits for a key that a single read loads, and loads the rest meanwhile', async () => {
    const cache = await start();
    const open = gate();
    const began = gate();
    const single = cache.readThrough(keyOf(20), async () => {
      began.open();
      await open.promise;
      return 'single';
    });
    await began.promise;
    const loaded = gate();
    const asked: number[][] = [];
    const many = cache.readThroughMany([20, 21], keyOf, async (missing) => {
      asked.push([...missing]);
      loaded.open();
      return new Map(missing.map((id) => [id, 'bulk']));
    });
    // The other load has not ended yet.
    await loaded.promise;
    open.open();
    expect([...(await many).values()]).toEqual(['single', 'bulk']);
    expect(await single).toBe('single');
    expect(asked).toEqual([[21]]);
  });

  it('lets a single read, and another bulk read, wait for a bulk load under way', async () => {
    const cache = await start();
    const open = gate();
    const began = gate();
    const first = cache.readThroughMany([30, 31], keyOf, async (missing) => {
      began.open();
      await open.promise;
      return new Map(missing.map((id) => [id, 'first']));
    });
    await began.promise;
    const single = cache.readThrough(keyOf(30), async () => 'single');
    const { asked, load } = source();
    const second = cache.readThroughMany([32, 31, 30], keyOf, load);
    open.open();
    expect(await single).toBe('first');
    expect([...(await second).values()]).toEqual(['m32', 'first', 'first']);
    expect([...(await first).values()]).toEqual(['first', 'first']);
    expect(asked).toEqual([[32]]);
  });

  it('keeps nothing of the one key that is invalidated during the load', async () => {
    const cache = await start();
    await cache.readThroughMany([40, 41], keyOf, async (missing) => {
      await cache.delete(keyOf(40));
      return new Map(missing.map((id) => [id, 'old']));
    });
    expect(await cache.getMany([40, 41].map(keyOf))).toEqual([undefined, 'old']);
  });

  it("fails with the loader's error, keeps nothing, and leaves what was cached", async () => {
    const cache = await start();
    await cache.set(keyOf(50), 'kept');
    const error = new Error('source down');
    const failing = cache.readThroughMany([50, 51, 52], keyOf, () => Promise.reject(error));
    await expect(failing).rejects.toBe(error);
    expect(await cache.getMany([50, 51, 52].map(keyOf))).toEqual(['kept', undefined, undefined]);
  });

  it('says of every key what the loader says of its result', async () => {
    const cache = await start();
    await cache.readThroughMany([60, 61], keyOf, async (missing, load) => {
      expect(load.keys).toEqual([60, 61].map((id) => full(`member:${id}`)));
      load.skip();
      return new Map(missing.map((id) => [id, 'unkept']));
    });
    expect(await cache.getMany([60, 61].map(keyOf))).toEqual([undefined, undefined]);
  });

  it('refuses a load that asks for any of its own keys', async () => {
    const cache = await start();
    const within = runInCacheContext({}, () =>
      cache.readThroughMany([65, 66], keyOf, async (missing) => {
        await cache.readThrough(keyOf(65), async () => 'own');
        return new Map(missing.map((id) => [id, 'x']));
      }),
    );
    await expect(within).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('ends the wait of a caller who leaves, and aborts the load that nobody waits for', async () => {
    const cache = await start();
    const caller = new AbortController();
    const aborted = gate();
    const reading = cache.readThroughMany(
      [70, 71],
      keyOf,
      async (_missing, load) => {
        load.signal.addEventListener('abort', () => aborted.open());
        caller.abort(new Error('gone'));
        return new Promise<never>(() => undefined);
      },
      { signal: caller.signal },
    );
    await expect(reading).rejects.toThrow('gone');
    await aborted.promise;
  });

  it('keeps nothing that the code of a transaction loads after it has written', async () => {
    const cache = await start();
    const seen = await runInCacheTransaction(async () => {
      await cache.setMany(new Map([[keyOf(80), 'new']]));
      return cache.readThroughMany([80, 81], keyOf, source().load);
    });
    expect([...seen.values()]).toEqual(['m80', 'm81']);
    expect(await cache.getMany([80, 81].map(keyOf))).toEqual([undefined, undefined]);
  });

  it('sets and deletes many, or nothing when one is wrong', async () => {
    const cache = await start();
    const bad = cache.setMany<unknown>([
      ['member:90', 'a'],
      ['member', 'b'],
    ]);
    await expect(bad).rejects.toMatchObject({ code: 'KEY_GRAMMAR' });
    const unkept = cache.setMany<unknown>([
      ['member:90', 'a'],
      ['member:91', () => 1],
    ]);
    await expect(unkept).rejects.toMatchObject({ code: 'SERIALIZATION' });
    expect(await cache.getMany(['member:90', 'member:91'])).toEqual([undefined, undefined]);
    await cache.setMany(new Map([['member:90', 'a']]));
    await cache.deleteMany(['member:90']);
    expect(await cache.getMany(['member:90'])).toEqual([undefined]);
  });

  it.each<[string, (cache: CacheService) => Promise<unknown>, RegExp]>([
    ['keys that are no list', (c) => c.getMany('user:1' as never), /getMany: "user:1" is no list of keys/],
    ['ids that are no list', (c) => c.readThroughMany(7 as never, keyOf, source().load), /7 is no list of ids/],
    ['entries that are none', (c) => c.setMany('user:1' as never), /setMany: "user:1" is no list of entries/],
    ['a loader without a Map', (c) => c.readThroughMany([95], keyOf, async () => [] as never), /load gave an array/],
  ])('refuses %s', async (_name, call, message) => {
    const cache = await start();
    await expect(call(cache)).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringMatching(message) });
  });
});
