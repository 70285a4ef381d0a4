import { describe, expect, it } from 'vitest';
import { isFresh, tombstone, valueEntry } from './entry.js';
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
  it('is fresh until the moment its header names', () => {
    expect([1_999, 2_000].map((now) => isFresh(entry, now))).toEqual([true, false]);
  });

  it('that is a tombstone is never fresh and lasts as long as it is told', () => {
    const removed = tombstone(header.version, 1_000, 60_000);
    expect(isFresh(removed, 1_000)).toBe(false);
    expect(removed.staleUntil).toBe(61_000);
    expect(removed.version).toBe(header.version);
  });
});
