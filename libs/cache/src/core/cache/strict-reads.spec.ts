import { describe, expect, it } from 'vitest';
import { entryOf, settle, sharedParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { LeaseRenewal } from '../coherence/lease-renewal.js';
import { LoadWaits } from '../coherence/load-waits.js';
import type { ValueEntry } from '../entry/entry.js';
import type { Claim, Fence } from '../layers/fence.js';
import { Cache } from './cache.js';
import type { FleetParts } from './parts.js';

const KEY = 'town:1';
const STRICT = { level: 'strict' } as const;

/** A cache in a fleet: what is confirmed, and what the claims give, is as the test says. */
function start() {
  const parts = sharedParts();
  const there: { entry: ValueEntry | undefined; failure?: Error } = { entry: undefined };
  const claims: Claim[] = [];
  let reads = 0;
  const mine = (): Claim => ({ kind: 'mine', lease: { key: KEY, id: new Uint8Array(16), assigned: 1 } });
  const fence = {
    claim: async () => claims.shift() ?? mine(),
    renew: async () => true,
    fill: async (_lease: unknown, entry: ValueEntry) => {
      there.entry = entry;
      return true;
    },
    yield: async () => undefined,
  } as Partial<Fence> as Fence;
  const layer = {
    read: async () => {
      reads += 1;
      if (there.failure !== undefined) throw there.failure;
      return there.entry;
    },
  } as unknown as FleetParts['strict']['layer'];
  const strict = { layer, fence, check: async () => undefined };
  const renewal = new LeaseRenewal(fence, parts.clock);
  const cache = new Cache({ ...parts, fleet: { fence, strict, renewal, waits: new LoadWaits(parts.clock) } });
  const source = { row: 'old', asked: 0 };
  const load = async () => {
    source.asked += 1;
    return source.row;
  };
  const read = (loader: () => Promise<unknown> = load) => cache.readThrough(KEY, loader, STRICT);
  return { ...parts, cache, there, claims, source, load, read, reads: () => reads };
}

describe("a read under level 'strict'", () => {
  it('asks what is confirmed, whatever memory has', async () => {
    const { read, there, store, clock, source, reads } = start();
    there.entry = entryOf('confirmed', clock.now());
    store.hot.store(KEY, entryOf('memory', clock.now()), 'load');
    expect(await read()).toBe('confirmed');
    expect([reads(), source.asked]).toEqual([1, 0]);
  });

  it('loads once for all who called before it began', async () => {
    const { read, source } = start();
    expect(await Promise.all(Array.from({ length: 50 }, () => read()))).toEqual(Array(50).fill('old'));
    expect(source.asked).toBe(1);
  });

  it('shares no load with those who called after it began: they wait for it and ask again', async () => {
    const { read, load, source, there } = start();
    const open = gate();
    const first = read(async () => {
      const { row } = source;
      await open.promise;
      return row;
    });
    await settle();
    source.row = 'new';
    const late = [read(), read(), read()];
    await settle();
    expect(source.asked).toBe(0);
    // Nothing is kept of the first, as after a write.
    open.open();
    expect(await first).toBe('old');
    there.entry = undefined;
    expect(await Promise.all(late)).toEqual(['new', 'new', 'new']);
    expect(source.asked).toBe(1);
    void load;
  });

  it('does not run one load after the other where they fail', async () => {
    const { read, source } = start();
    const open = gate();
    const failing = async () => {
      source.asked += 1;
      await open.promise;
      throw new Error('no');
    };
    const first = [read(failing), read(failing)];
    await settle();
    const late = Array.from({ length: 100 }, () => read(failing));
    open.open();
    const outcomes = await Promise.allSettled([...first, ...late]);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(source.asked).toBe(2);
  });

  it('has what another process found confirmed, and loads for itself where that is not', async () => {
    const { read, claims, clock, source, there, reads } = start();
    claims.push({ kind: 'found', entry: entryOf('of a replaced primary', clock.now()) });
    expect(await read()).toBe('old');
    expect([reads(), source.asked, there.entry]).toEqual([2, 1, undefined]);
  });

  it('keeps nothing while somebody writes', async () => {
    const { read, claims, there, source } = start();
    claims.push({ kind: 'closed' }, { kind: 'closed' });
    expect([await read(), await read()]).toEqual(['old', 'old']);
    expect([source.asked, there.entry]).toEqual([2, undefined]);
  });

  it('is rejected where nobody confirms, and asks no source', async () => {
    const { read, there, source } = start();
    there.failure = new Error('0 of 1 replicas confirmed it in time.');
    await expect(read()).rejects.toMatchObject({
      name: 'CacheConsistencyError',
      code: 'CONSISTENCY',
      outcome: 'rejected',
      status: 503,
      message: expect.stringContaining('0 of 1 replicas'),
      cause: there.failure,
    });
    expect(source.asked).toBe(0);
  });

  it('is told in events as any other', async () => {
    const { read, told } = start();
    await read();
    await read();
    expect(told.map(({ type }) => type)).toEqual(['miss', 'load-started', 'loaded', 'stored', 'hit']);
  });
});
