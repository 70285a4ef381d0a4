import { describe, expect, it } from 'vitest';
import { coreParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import type { Notice } from '../coherence/bus.js';
import { LoadWaits } from '../coherence/load-waits.js';
import { Cache } from './cache.js';
import { Fleet } from './fleet.js';

const KEY = 'town:1';
const MAX_BLIND = 10_000;

function start() {
  const parts = coreParts();
  const cache = new Cache(parts);
  const waits = new LoadWaits(parts.clock);
  const fleet = new Fleet({ ...parts, hot: parts.store.hot, waits, maxBlind: MAX_BLIND });
  const hear = (more: Partial<Notice> = {}) =>
    fleet.heard({ publisher: 'p', number: 1, kind: 'set', assigned: 1, key: 'app:lake:town:1', ...more });
  return { ...parts, cache, fleet, waits, hear, inMemory: () => parts.store.hot.peek(KEY)?.value };
}

describe('a notice of another process', () => {
  it.each(['set', 'expire', 'delete'] as const)('of a %s takes the value out of memory', async (kind) => {
    const { cache, hear, inMemory } = start();
    await cache.set(KEY, 'old');
    await cache.set('town:2', 'other');
    hear({ kind });
    expect(inMemory()).toBeUndefined();
    await expect(cache.get('town:2')).resolves.toBe('other');
  });

  it('refuses and voids what is being loaded', async () => {
    const { cache, hear, inMemory } = start();
    let loads = 0;
    const late = cache.readThrough(KEY, async () => {
      if (++loads === 1) hear();
      return loads;
    });
    await expect(late).resolves.toBe(1);
    expect(inMemory()).toBeUndefined();
    await expect(cache.readThrough(KEY, () => ++loads)).resolves.toBe(2);
  });

  it('lets nobody join what is being loaded', async () => {
    const { cache, hear } = start();
    const hold = gate();
    const old = cache.readThrough(KEY, () => hold.promise.then(() => 'old'));
    hear();
    await expect(cache.readThrough(KEY, () => 'new')).resolves.toBe('new');
    hold.open();
    await expect(old).resolves.toBe('old');
    await expect(cache.get(KEY)).resolves.toBe('new');
  });

  it('wakes those who wait for what another process loads, for it will not be kept', async () => {
    const { hear, waits } = start();
    const waiting = waits.wait(KEY, { since: waits.position(), ms: 1_000 });
    hear();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('lifts our versions above the one it tells, within reason', () => {
    const { hear, versions, clock } = start();
    const now = clock.now() * 1_000;
    hear({ assigned: now + 5_000 });
    expect(versions.next()).toBe(now + 5_001);
    hear({ assigned: Number.MAX_SAFE_INTEGER });
    expect(versions.next()).toBe(now + 5_002);
  });

  it.each(['app:other:town:1', 'coord:lake:bus', 'x', ''])('of the key %j, which is none of ours, is let be', (key) => {
    expect(() => start().hear({ key })).not.toThrow();
  });
});

describe('a process that may miss notices', () => {
  it('serves what it has for a while, and keeps nothing new until it hears again', async () => {
    const { cache, fleet, inMemory, told, clock } = start();
    await cache.set(KEY, 'old');
    fleet.deaf('CLOSED');
    expect(inMemory()).toBe('old');
    await cache.readThrough('town:2', () => 'loaded');
    await expect(cache.get('town:2')).resolves.toBeUndefined();
    clock.advance(MAX_BLIND - 1);
    await expect(cache.get(KEY)).resolves.toBe('old');
    clock.advance(1);
    expect(inMemory()).toBeUndefined();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
    fleet.hears();
    expect(inMemory()).toBeUndefined();
    await cache.set(KEY, 'new');
    expect(inMemory()).toBe('new');
    expect(told.filter(({ type }) => type.startsWith('bus'))).toEqual([
      { type: 'bus-lost', reason: 'CLOSED' },
      { type: 'bus-blind', ms: MAX_BLIND },
      { type: 'bus-ready', blind: MAX_BLIND },
    ]);
  });

  it('does not serve what it has itself replaced meanwhile', async () => {
    const { cache, fleet, inMemory } = start();
    await cache.set(KEY, 'old');
    fleet.deaf('CLOSED');
    await cache.set(KEY, 'new');
    expect(inMemory()).toBeUndefined();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
  });

  it('is not blind any more once it hears, however long that lasts', async () => {
    const { cache, fleet, inMemory, told, clock } = start();
    fleet.deaf('CLOSED');
    fleet.hears();
    await cache.set(KEY, 'new');
    clock.advance(MAX_BLIND);
    expect(inMemory()).toBe('new');
    expect(told.map(({ type }) => type)).not.toContain('bus-blind');
  });

  it.each([
    ['heard again', (fleet: Fleet) => fleet.hears()],
    ['missed something', (fleet: Fleet) => fleet.doubts({ cause: 'lost', publisher: 'p' })],
    ['may have', (fleet: Fleet) => fleet.doubts()],
  ])('does not let anybody join what was asked for before it %s', async (_, happens) => {
    const { cache, fleet, waits } = start();
    const hold = gate();
    fleet.deaf('CLOSED');
    fleet.hears();
    const old = cache.readThrough(KEY, () => hold.promise.then(() => 'old'));
    const waiting = waits.wait(KEY, { since: waits.position(), ms: 1_000 });
    happens(fleet);
    await expect(waiting).resolves.toBeUndefined();
    await expect(cache.readThrough(KEY, () => 'new')).resolves.toBe('new');
    hold.open();
    await expect(old).resolves.toBe('old');
    await expect(cache.get(KEY)).resolves.toBe('new');
  });

  it('waits for nobody whose word it may miss, and lets nobody join what it asked for', async () => {
    const { cache, fleet, waits } = start();
    const hold = gate();
    const old = cache.readThrough(KEY, () => hold.promise.then(() => 'old'));
    const waiting = waits.wait(KEY, { since: waits.position(), ms: 1_000 });
    fleet.deaf('CLOSED');
    await expect(waiting).resolves.toBeUndefined();
    await expect(cache.readThrough(KEY, () => 'new')).resolves.toBe('new');
    hold.open();
    await expect(old).resolves.toBe('old');
  });

  it('does not keep what it asked for before it heard again, or missed something', async () => {
    const { cache, fleet, inMemory } = start();
    fleet.deaf('CLOSED');
    await cache.readThrough(KEY, async () => fleet.hears());
    await cache.readThrough(KEY, async () => {
      fleet.deaf('CLOSED');
      fleet.hears();
      return 'loaded';
    });
    await cache.readThrough(KEY, async () => {
      fleet.doubts();
      return 'loaded';
    });
    expect(inMemory()).toBeUndefined();
  });

  it('serves nothing that it had, and says why', async () => {
    const { cache, fleet, inMemory, told } = start();
    await cache.set(KEY, 'old');
    fleet.doubts({ cause: 'lost', publisher: 'p' });
    expect(inMemory()).toBeUndefined();
    await cache.set(KEY, 'new');
    fleet.doubts();
    expect(inMemory()).toBeUndefined();
    expect(told.filter(({ type }) => type === 'gap')).toEqual([{ type: 'gap', cause: 'lost', publisher: 'p' }]);
  });
});

describe('many notices of a key', () => {
  it('in one moment cost no more than one, but every kind counts, and every moment', async () => {
    const { hear, notices, cache, inMemory, versions, clock } = start();
    await cache.set(KEY, 'old');
    const before = notices.position();
    for (let number = 1; number <= 1_000; number += 1) hear({ number, kind: 'expire' });
    expect(notices.position()).toBe(before + 1);
    hear({ kind: 'delete', assigned: clock.now() * 1_000 + 9 });
    expect(notices.position()).toBe(before + 2);
    expect(versions.highest).toBe(clock.now() * 1_000 + 9);
    await cache.set(KEY, 'new');
    hear({ kind: 'delete' });
    expect(inMemory()).toBeUndefined();
  });
});

describe('the version of a notice', () => {
  it('is remembered, the highest of those of one moment too; one that nobody knows is not', () => {
    const { hear, remembered } = start();
    hear({ assigned: 7 });
    hear({ assigned: 9 });
    hear({ assigned: 8, kind: 'delete' });
    hear({ assigned: 0, kind: 'void', key: 'app:lake:town:2' });
    expect(remembered.all()).toEqual([[KEY, 9]]);
  });
});
