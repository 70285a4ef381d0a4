import { describe, expect, it } from 'vitest';
import { entryOf, settle, sharedParts } from '../../../../../test/support/core.js';
import type { SharedIntent } from '../coherence/lease.js';
import { LeaseRenewal } from '../coherence/lease-renewal.js';
import { LoadWaits } from '../coherence/load-waits.js';
import type { Fence } from '../layers/fence.js';
import { Cache } from './cache.js';
import type { FleetParts } from './parts.js';
import { SOON_MS } from './soon.js';

const KEY = 'town:1';
const RELAXED = { level: 'relaxed' } as const;
const never = new Promise<never>(() => undefined);

/** A cache over a layer that others share, and a fence that counts who asks it. */
function start() {
  const parts = sharedParts();
  const asked: string[] = [];
  const fence = {
    claim: () => (asked.push('claim'), never),
    renew: async () => true,
    fill: async () => true,
    yield: async () => undefined,
    begin: () => (asked.push('begin'), Promise.resolve<SharedIntent>({ id: new Uint8Array(8), until: Infinity })),
    end: async () => (asked.push('end'), 'removed'),
  } as Partial<Fence> as Fence;
  const strict: FleetParts['strict'] = { layer: parts.far, fence, check: async () => undefined };
  const renewal = new LeaseRenewal(fence, parts.clock);
  const fleet = { fence, strict, renewal, waits: new LoadWaits(parts.clock) };
  const cache = new Cache({ ...parts, fleet });
  return { ...parts, asked, cache };
}

const isSettled = async (work: Promise<unknown>): Promise<boolean> => {
  let is = false;
  const done = () => void (is = true);
  work.then(done, done);
  await settle();
  return is;
};

describe("a read under level 'relaxed'", () => {
  it('waits for the shared layer no longer than 100 ms, and then asks the source', async () => {
    const { cache, far, clock } = start();
    far.hold = never;
    const read = cache.readThrough(KEY, () => 'source', RELAXED);
    clock.advance(SOON_MS - 1);
    expect(await isSettled(read)).toBe(false);
    clock.advance(1);
    expect(await read).toBe('source');
  });

  it('as little for its turn to load', async () => {
    const { cache, clock, asked } = start();
    const read = cache.readThrough(KEY, () => 'source', RELAXED);
    await settle();
    expect(asked).toEqual(['claim']);
    clock.advance(SOON_MS);
    expect(await read).toBe('source');
  });

  it('takes from memory what others would look at first, as long as it is fresh', async () => {
    const { cache, store, clock } = start();
    store.hot.store(KEY, entryOf('kept', clock.now()), 'load');
    store.hot.doubt();
    store.hot.suspend();
    expect(await cache.readThrough(KEY, () => 'source', RELAXED)).toBe('kept');
    // The control: the default does not.
    const eventual = cache.readThrough(KEY, () => 'source');
    clock.advance(1_000);
    await settle();
    clock.advance(1_000);
    expect(await eventual).toBe('source');
    clock.advance(10_000);
    const later = cache.readThrough(KEY, () => 'source', RELAXED);
    await settle();
    clock.advance(SOON_MS);
    expect(await later).toBe('source');
  });
});

describe("a write under level 'relaxed'", () => {
  it('tells others once, after the save', async () => {
    const { cache, far, asked } = start();
    expect(await cache.writeThrough(KEY, 'new', () => void 0, RELAXED)).toBe('new');
    expect(asked).toEqual([]);
    expect(far.kept.peek(KEY)?.value).toBe('new');
    await cache.writeThrough(KEY, 'newer', () => void 0);
    expect(asked).toEqual(['begin', 'end']);
  });

  it.each<[string, (cache: Cache) => Promise<unknown>]>([
    ['write', (cache) => cache.writeThrough(KEY, 'new', () => void 0, RELAXED)],
    ['failed save', (cache) => cache.writeThrough(KEY, 'new', () => Promise.reject(new Error('no')), RELAXED)],
    ['set', (cache) => cache.set(KEY, 'new', RELAXED)],
  ])('waits for nobody longer than 100 ms: %s', async (_name, change) => {
    const { cache, far, clock } = start();
    far.hold = never;
    const done = change(cache);
    expect(await isSettled(done)).toBe(false);
    clock.advance(SOON_MS);
    expect(await isSettled(done)).toBe(true);
  });

  it('that could not be told makes up for it', async () => {
    const { cache, far, told } = start();
    far.failure = new Error('away');
    await cache.writeThrough(KEY, 'new', () => void 0, RELAXED);
    expect(told.map(({ type }) => type)).toContain('deferred');
  });

  it('of what no layer can keep is refused before the save', async () => {
    const { cache } = start();
    await expect(cache.set(KEY, () => 1, RELAXED)).rejects.toMatchObject({ code: 'SERIALIZATION' });
  });
});
