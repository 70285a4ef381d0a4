import { describe, expect, it } from 'vitest';
import { coreParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import type { Notice } from '../coherence/bus.js';
import { LoadWaits } from '../coherence/load-waits.js';
import { Cache } from './cache.js';
import { Fleet } from './fleet.js';

const KEY = 'town:1';

function start() {
  const parts = coreParts();
  const cache = new Cache(parts);
  const fleet = new Fleet({ ...parts, hot: parts.store.hot, waits: new LoadWaits(parts.clock) });
  const hear = (more: Partial<Notice> = {}) =>
    fleet.heard({ publisher: 'p', number: 1, kind: 'set', assigned: 1, key: 'app:lake:town:1', ...more });
  return { ...parts, cache, fleet, hear, inMemory: () => parts.store.hot.peek(KEY)?.value };
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

  it.each([
    ['set', 'new'],
    ['delete', undefined],
    ['expire', undefined],
  ] as const)('of a %s leaves of a write with a version under way: %s', async (kind, left) => {
    const { cache, rules, hear, inMemory } = start();
    const versioned = { ...rules.forKey(KEY), version: () => 7 };
    await cache.write(KEY, { rules: versioned, save: async () => hear({ kind }), value: () => 'new' });
    expect(inMemory()).toBe(left);
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
  it('keeps nothing in memory until it hears again', async () => {
    const { cache, fleet, inMemory, told } = start();
    await cache.set(KEY, 'old');
    fleet.deaf('CLOSED');
    expect(inMemory()).toBeUndefined();
    await cache.set(KEY, 'unheard');
    await cache.readThrough('town:2', () => 'loaded');
    expect(inMemory()).toBeUndefined();
    await expect(cache.get('town:2')).resolves.toBeUndefined();
    fleet.hears();
    await cache.set(KEY, 'new');
    expect(inMemory()).toBe('new');
    expect(told.filter(({ type }) => type.startsWith('bus'))).toEqual([
      { type: 'bus-lost', reason: 'CLOSED' },
      { type: 'bus-ready' },
    ]);
  });

  it('does not let anybody join what was asked for before it heard again', async () => {
    const { cache, fleet } = start();
    const hold = gate();
    const old = cache.readThrough(KEY, () => hold.promise.then(() => 'old'));
    fleet.deaf('CLOSED');
    fleet.hears();
    await expect(cache.readThrough(KEY, () => 'new')).resolves.toBe('new');
    hold.open();
    await expect(old).resolves.toBe('old');
    await expect(cache.get(KEY)).resolves.toBe('new');
  });

  it('does not keep what it asked for before it heard again', async () => {
    const { cache, fleet, inMemory } = start();
    fleet.deaf('CLOSED');
    await cache.readThrough(KEY, async () => fleet.hears());
    await cache.readThrough(KEY, async () => {
      fleet.deaf('CLOSED');
      fleet.hears();
      return 'loaded';
    });
    expect(inMemory()).toBeUndefined();
  });
});
