import { describe, expect, it } from 'vitest';
import { CacheConsistencyError, CacheService, defineKey } from '@datapunk/cache';
import { backend } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

const peerKey = defineKey('peer:{id}').holds<string>();
const keyOf = (id: number) => peerKey({ id });
const IDS = Array.from({ length: 40 }, (_, id) => id);

describe('bulk reads of two applications', () => {
  const start = async () => (await boot([])).get(CacheService);
  const named = (ids: readonly number[], by: string) => new Map(ids.map((id) => [id, `${by} ${id}`]));

  it('each load what the other does not, and neither waits for the other before it loads', async () => {
    const [a, b] = [await start(), await start()];
    const [began, met] = [gate(), gate()];
    const asked: Record<string, readonly number[]> = {};
    const first = a.readThroughMany([1_000, 1_001], keyOf, async (missing) => {
      asked.a = missing;
      began.open();
      // Ends only once the other loads as well, which waits for a key of this one.
      await met.promise;
      return named(missing, 'a');
    });
    await began.promise;
    const second = b.readThroughMany([1_002, 1_001], keyOf, async (missing) => {
      asked.b = missing;
      met.open();
      return named(missing, 'b');
    });
    expect([...(await first).values()]).toEqual(['a 1000', 'a 1001']);
    expect([...(await second).values()]).toEqual(['b 1002', 'a 1001']);
    expect(asked).toEqual({ a: [1_000, 1_001], b: [1_002] });
  });

  it('load every key once in the fleet, in whatever order each asks', async () => {
    const [a, b] = [await start(), await start()];
    const loads: number[] = [];
    const load = async (missing: readonly number[]): Promise<Map<number, string>> => {
      loads.push(...missing);
      return named(missing, 'x');
    };
    const reads = [a.readThroughMany(IDS, keyOf, load), b.readThroughMany(IDS.toReversed(), keyOf, load)];
    const [left, right] = await Promise.all(reads);
    expect([...(left ?? [])]).toEqual(IDS.map((id) => [id, `x ${id}`]));
    expect([...(right ?? [])]).toEqual(IDS.toReversed().map((id) => [id, `x ${id}`]));
    expect(loads.toSorted((one, other) => one - other)).toEqual(IDS);
  });

  it("are told of the other's failure, which ran the loader for both", async () => {
    const [a, b] = [await start(), await start()];
    const [began, met] = [gate(), gate()];
    const first = a.readThroughMany([2_000], keyOf, async () => {
      began.open();
      await met.promise;
      throw new Error('source down');
    });
    const failed = expect(first).rejects.toThrow('source down');
    await began.promise;
    const asked: (readonly number[])[] = [];
    const second = b.readThroughMany([2_000, 2_001], keyOf, async (missing) => {
      asked.push(missing);
      met.open();
      return named(missing, 'b');
    });
    await Promise.all([failed, expect(second).rejects.toThrow('source down')]);
    expect(asked).toEqual([[2_001]]);
  });

  it('read strictly, and load nothing where no replica can confirm what is cached', async () => {
    const cache = await start();
    await cache.set(keyOf(3_000), 'kept');
    const asked: (readonly number[])[] = [];
    const load = async (missing: readonly number[]) => {
      asked.push(missing);
      return named(missing, 'x');
    };
    const read = () => cache.readThroughMany([3_000, 3_001, 3_002], keyOf, load, { level: 'strict' });
    if (backend === 'cluster') expect([...(await read()).values()]).toEqual(['kept', 'x 3001', 'x 3002']);
    else await expect(read()).rejects.toBeInstanceOf(CacheConsistencyError);
    expect(asked).toEqual(backend === 'cluster' ? [[3_001, 3_002]] : []);
  });
});
