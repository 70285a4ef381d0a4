import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock } from '../../../../../test/support/core.js';
import { tombstone, type EntryHeader } from '../../core/entry/entry.js';
import { TOMBSTONE_MS } from '../../core/layers/layer.js';
import type { Clock } from '../../core/shared/clock.js';
import { MemoryLayer, type MemoryLayerOptions } from './memory-layer.js';

/** What an entry costs beside its key and its value. */
const OVERHEAD = 120;

function start(options: Partial<MemoryLayerOptions> = {}) {
  const clock = new FakeClock();
  const evicted: [string, string][] = [];
  const layer = new MemoryLayer({
    clock,
    maxBytes: 100_000,
    maxEntries: 100,
    evicted: (key, cause) => evicted.push([key, cause]),
    ...options,
  });
  const put = (key: string, value: unknown = key, header: Partial<EntryHeader> = {}) =>
    layer.store(key, entryOf(value, clock.now(), header));
  const kept = (...keys: string[]) => keys.filter((key) => layer.read(key)?.kind === 'value');
  return { clock, layer, evicted, put, kept };
}

/** An entry that costs so many bytes under a key of one letter. */
function costing(bytes: number): { value: string; size: number } {
  const value = 'x'.repeat(bytes - OVERHEAD - 1 - 16);
  return { value, size: bytes };
}

describe('the bounds of memory', () => {
  it('count entries: the one used longest ago goes first', () => {
    const { put, kept, layer, evicted } = start({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) put(key);
    layer.read('a');
    layer.peek('b');
    put('d');
    expect(evicted).toEqual([['c', 'size']]);
    void layer.hit('a');
    put('e');
    expect(evicted).toEqual([
      ['c', 'size'],
      ['b', 'size'],
    ]);
    expect(kept('a', 'b', 'c', 'd', 'e')).toEqual(['a', 'd', 'e']);
  });

  it('count a store as use, and a refused one not', () => {
    const { put, evicted } = start({ maxEntries: 2 });
    put('a', 1, { version: { source: undefined, assigned: 5 } });
    put('b');
    expect(put('a', 2, { version: { source: undefined, assigned: 4 } })).toBe('older');
    put('c');
    expect(evicted).toEqual([['a', 'size']]);
    put('b', 2);
    put('d');
    expect(evicted.at(-1)).toEqual(['c', 'size']);
  });

  it('count bytes of values, keys and overhead, to the last one', () => {
    const { value, size } = costing(1_000);
    const { put, kept, evicted } = start({ maxBytes: 3 * size });
    for (const key of ['a', 'b', 'c']) put(key, value);
    expect(evicted).toEqual([]);
    put('c', `${value}x`);
    expect(evicted).toEqual([['a', 'size']]);
    put('c', value);
    put('a', value);
    expect(kept('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    put('dd', value);
    expect(kept('a', 'b', 'c', 'dd')).toEqual(['c', 'dd']);
  });

  it('make room for a large one by letting go of as many as it takes', () => {
    const { put, kept } = start({ maxBytes: 1_000 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) put(key, costing(200).value);
    put('f', costing(600).value);
    expect(kept('a', 'b', 'c', 'd', 'e', 'f')).toEqual(['d', 'e', 'f']);
  });

  it('refuse what is larger than all of it, and drop what it was to replace', () => {
    const { put, layer, kept, evicted } = start({ maxBytes: 1_000 });
    put('a', 'old');
    put('b', 'other');
    expect(put('a', costing(1_001).value)).toBe('too-large');
    expect(layer.read('a')).toBeUndefined();
    expect(kept('b')).toEqual(['b']);
    expect(evicted).toEqual([]);
    expect(put('a', costing(1_000).value)).toBe('stored');
  });

  it('do not drop for a too large one that is older', () => {
    const { put, kept } = start({ maxBytes: 1_000 });
    put('a', 'new', { version: { source: undefined, assigned: 5 } });
    expect(put('a', costing(2_000).value)).toBe('older');
    expect(kept('a')).toEqual(['a']);
  });

  it('hold for tombstones as well, of which nobody is told', () => {
    const { put, layer, evicted } = start({ maxEntries: 2 });
    put('a');
    layer.remove('a');
    put('b');
    put('c');
    expect(layer.read('a')).toBeUndefined();
    expect(evicted).toEqual([]);
  });
});

describe('what is over', () => {
  it('is freed by later stores, without a timer and without being asked for', () => {
    const { put, clock, evicted } = start();
    for (let at = 0; at < 10; at += 1) put(`short ${at}`, at, { freshUntil: clock.now() + 10 });
    clock.advance(10);
    for (let at = 0; at < 10; at += 1) put(`long ${at}`);
    expect(evicted.map(([, cause]) => cause)).toEqual(Array.from({ length: 10 }, () => 'ttl'));
    expect(new Set(evicted.map(([key]) => key)).size).toBe(10);
  });

  it('is told as over, not as pushed out, when it is last in line', () => {
    const { put, clock, evicted, kept } = start({ maxBytes: 2_000 });
    for (const key of 'abcdefghij') put(key, costing(200).value, { freshUntil: clock.now() + 10 });
    clock.advance(10);
    put('k', costing(1_800).value);
    expect(evicted).toHaveLength(9);
    expect(new Set(evicted.map(([, cause]) => cause))).toEqual(new Set(['ttl']));
    expect(kept('k')).toEqual(['k']);
  });

  it('is no longer known when asked for', () => {
    const { put, clock, layer } = start();
    put('a', 'x', { freshUntil: clock.now() + 10, staleUntil: clock.now() + 20 });
    clock.advance(10);
    expect([layer.hit('a'), layer.peek('a'), layer.read('a')?.kind]).toEqual([undefined, undefined, 'value']);
    clock.advance(10);
    expect(layer.read('a')).toBeUndefined();
  });

  it('no longer refuses what is older', () => {
    const { put, clock } = start();
    put('a', 'new', { version: { source: undefined, assigned: 5 }, freshUntil: clock.now() + 10 });
    clock.advance(10);
    expect(put('a', 'old')).toBe('stored');
  });
});

describe('what was removed', () => {
  it('is remembered by its version for a minute', () => {
    const { put, layer, clock } = start();
    put('a', 'x', { version: { source: 7n, assigned: 5 } });
    layer.remove('a');
    expect([layer.hit('a'), layer.peek('a')]).toEqual([undefined, undefined]);
    expect(layer.read('a')).toMatchObject({ kind: 'tombstone', version: { source: 7n, assigned: 5 } });
    expect(put('a', 'late', { version: { source: 6n, assigned: 9 } })).toBe('older');
    clock.advance(TOMBSTONE_MS - 1);
    layer.remove('a');
    expect(put('a', 'late', { version: { source: 6n, assigned: 9 } })).toBe('older');
    clock.advance(1);
    expect(layer.read('a')).toBeUndefined();
    expect(put('a', 'late', { version: { source: 6n, assigned: 9 } })).toBe('stored');
  });

  it('gives way to what is newer', async () => {
    const { put, layer } = start();
    put('a', 'x');
    layer.remove('a');
    expect(put('a', 'y', { version: { source: undefined, assigned: 2 } })).toBe('stored');
    await expect(layer.hit('a')).resolves.toBe('y');
  });

  it('leaves nothing where nothing was', () => {
    const { layer } = start();
    layer.remove('a');
    expect(layer.read('a')).toBeUndefined();
  });

  it('takes no room but that of its key', () => {
    const { put, layer, evicted } = start({ maxBytes: 2_000 });
    put('a', costing(1_800).value);
    layer.remove('a');
    expect(put('b', costing(2_000 - OVERHEAD - 1).value)).toBe('stored');
    expect(layer.read('a')?.kind).toBe('tombstone');
    expect(evicted).toEqual([]);
  });

  it('can be told by others: a tombstone is stored like a value', () => {
    const { put, layer, clock } = start();
    put('a', 'x');
    expect(layer.store('a', tombstone({ source: undefined, assigned: 5 }, clock.now(), TOMBSTONE_MS))).toBe('stored');
    expect(layer.peek('a')).toBeUndefined();
    expect(put('a', 'late', { version: { source: undefined, assigned: 4 } })).toBe('older');
  });
});

describe('a value in memory', () => {
  it('is read as it was stored, however often it moves', () => {
    const { layer, clock } = start();
    const entry = entryOf({ name: 'Ada' }, clock.now(), { version: { source: 3n, assigned: 5 }, computeMs: 12 });
    layer.store('a', entry);
    const once = layer.read('a');
    expect(once).toEqual(entry);
    if (once !== undefined) layer.store('a', once);
    expect(layer.read('a')).toEqual(entry);
  });

  it('is hit with one promise for all, until it is replaced', async () => {
    const { put, layer } = start();
    put('a', 'x');
    const hit = layer.hit('a');
    expect(hit).toBeInstanceOf(Promise);
    expect(layer.hit('a')).toBe(hit);
    put('a', 'y');
    await expect(layer.hit('a')).resolves.toBe('y');
    await expect(hit).resolves.toBe('x');
  });

  it('that cannot be frozen is hit with a copy for each', async () => {
    const { put, layer } = start();
    put('a', new Date(5));
    const [one, other] = [await layer.hit('a'), await layer.hit('a')];
    expect([one, other]).toEqual([new Date(5), new Date(5)]);
    expect(one).not.toBe(other);
    expect(layer.peek('a')?.shareable).toBe(false);
  });

  it('that is not plain for its key is peeked at, never hit', () => {
    const { put, layer } = start({ isPlain: (key) => key !== 'a' });
    put('a', 'x');
    put('b', 'y');
    expect(layer.hit('a')).toBeUndefined();
    expect(layer.peek('a')).toEqual({ value: 'x', shareable: true });
    expect(layer.hit('b')).toBeDefined();
  });

  it('that was expired is stale at once, though the cheap clock lags behind', () => {
    const exact = new FakeClock();
    const seen = exact.now();
    const clock: Clock = { now: () => exact.now(), coarse: () => seen, after: (ms, task) => exact.after(ms, task) };
    const layer = new MemoryLayer({ clock, maxBytes: 10_000, maxEntries: 10 });
    layer.store('a', entryOf('x', seen));
    exact.advance(0.5);
    layer.expire('a');
    expect([layer.hit('a'), layer.peek('a')]).toEqual([undefined, undefined]);
    expect(layer.read('a')).toMatchObject({ kind: 'value', value: 'x' });
  });

  it('is not made fresh again by being expired', () => {
    const { put, layer, clock } = start();
    put('a', 'x', { freshUntil: clock.now() + 10, staleUntil: clock.now() + 100 });
    clock.advance(50);
    layer.expire('a');
    expect(layer.read('a')?.freshUntil).toBe(0);
    layer.expire('unknown');
    expect(layer.read('unknown')).toBeUndefined();
  });
});
