import { describe, expect, it } from 'vitest';
import { expired, headerOf, isFresh, isOver, tombstone, valueEntry } from './entry.js';
import { snapshot } from './snapshot.js';

const header = {
  version: { source: 3n, assigned: 10 },
  createdAt: 1_000,
  freshUntil: 2_000,
  staleUntil: 5_000,
  computeMs: 7,
  tagGeneration: 0,
};
const entry = valueEntry(snapshot(null), header, ['t']);

describe('an entry', () => {
  it('is fresh until, and over from, the moment its header names', () => {
    expect([1_999, 2_000].map((now) => isFresh(entry, now))).toEqual([true, false]);
    expect([4_999, 5_000].map((now) => isOver(entry, now))).toEqual([false, true]);
  });

  it('that is expired keeps value, version, tags and its time as stale', () => {
    expect(expired(entry, 1_500)).toEqual({ ...entry, freshUntil: 1_500 });
    expect(expired(entry, 3_000)).toBe(entry);
  });

  it('that is a tombstone is never fresh and lasts as long as it is told', () => {
    const removed = tombstone(header.version, 1_000, 60_000);
    expect(isFresh(removed, 1_000)).toBe(false);
    expect([60_999, 61_000].map((now) => isOver(removed, now))).toEqual([false, true]);
    expect(headerOf(removed).version).toBe(header.version);
  });
});
