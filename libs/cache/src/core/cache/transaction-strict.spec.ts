import { describe, expect, it } from 'vitest';
import { sharedParts } from '../../../../../test/support/core.js';
import { LeaseRenewal } from '../coherence/lease-renewal.js';
import { LoadWaits } from '../coherence/load-waits.js';
import { CacheConsistencyError } from '../errors.js';
import type { Fence } from '../layers/fence.js';
import type { Transaction } from '../transactions/transaction.js';
import { TransactionRun } from '../transactions/transaction-run.js';
import { Cache } from './cache.js';
import type { FleetParts } from './parts.js';

const KEY = 'town:1';
const STRICT = { level: 'strict' } as const;

/** A transaction under way in a fleet; who confirms nothing is as the test says. */
function start() {
  const parts = sharedParts();
  const begun = { strict: 0, plain: 0, failure: undefined as Error | undefined };
  const intent = { id: new Uint8Array(8), until: 10_000 };
  const fence = {
    begin: async () => {
      begun.plain += 1;
      return intent;
    },
    end: async () => 'removed',
  } as Partial<Fence> as Fence;
  const strictFence = {
    begin: async () => {
      begun.strict += 1;
      if (begun.failure !== undefined) throw begun.failure;
      return intent;
    },
    end: async () => 'removed',
  } as Pick<Fence, 'begin' | 'end'>;
  const strict = { layer: {}, fence: strictFence, check: async () => undefined } as unknown as FleetParts['strict'];
  const renewal = new LeaseRenewal(fence, parts.clock);
  const run = new TransactionRun();
  const transactions = { current: (): Transaction | undefined => (run.isOpen ? run : undefined) };
  const fleet = { fence, strict, renewal, waits: new LoadWaits(parts.clock) };
  const cache = new Cache({ ...parts, transactions, fleet });
  return { cache, begun, run };
}

describe("a transaction that writes under level 'strict'", () => {
  const writes: Readonly<Record<string, (cache: Cache, save: () => Promise<string>) => Promise<unknown>>> = {
    writeThrough: (cache, save) => cache.writeThrough(KEY, 'new', save, STRICT),
    cacheAside: (cache, save) => cache.cacheAside(KEY, save, STRICT),
    evict: (cache, save) => cache.evict([KEY], save, 'strict'),
  };

  it.each(Object.entries(writes))('%s: does not save what nobody confirms', async (_name, write) => {
    const { cache, begun, run } = start();
    begun.failure = new Error('nobody confirmed');
    let saves = 0;
    const save = async () => `saved ${(saves += 1)}`;
    await expect(write(cache, save)).rejects.toMatchObject({ outcome: 'rejected' });
    expect(saves).toBe(0);
    begun.failure = undefined;
    // Tried again within the transaction.
    expect(await write(cache, save)).toBeDefined();
    expect([saves, begun.plain]).toEqual([1, 0]);
    await run.end();
  });

  it('is confirmed for a set of that level', async () => {
    const { cache, begun, run } = start();
    await cache.set(KEY, 'new', STRICT);
    expect(begun).toMatchObject({ strict: 1, plain: 0 });
    await run.end();
  });

  it('is confirmed although the key was written under another level before', async () => {
    const { cache, begun, run } = start();
    await cache.set(KEY, 'new');
    await cache.set(KEY, 'newer', STRICT);
    expect(begun).toMatchObject({ strict: 1, plain: 1 });
    await run.end();
  });

  it('tells all who wait for the same confirmation that it failed', async () => {
    const { cache, begun, run } = start();
    begun.failure = new Error('nobody confirmed');
    const all = await Promise.allSettled([1, 2].map(() => cache.set(KEY, 'new', STRICT)));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await run.end();
    expect(all.every((one) => one.status === 'rejected' && one.reason instanceof CacheConsistencyError)).toBe(true);
  });
});
