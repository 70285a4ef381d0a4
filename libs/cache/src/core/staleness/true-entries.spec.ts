import { describe, expect, it } from 'vitest';
import { entryOf } from '../../../../../test/support/core.js';
import { TrueEntries } from './true-entries.js';

const at = (assigned: number, createdAt = 1_000, computeMs = 0) =>
  entryOf('x', createdAt, { version: { source: undefined, assigned }, computeMs });

describe('an entry is known to have been true', () => {
  it('when its load began', () => {
    expect(new TrueEntries().since('town:1', at(1, 1_000, 200))).toBe(800);
  });

  it('when it was last found to be', () => {
    const known = new TrueEntries();
    known.confirm('town:1', at(1), 5_000);
    expect(known.since('town:1', at(1))).toBe(5_000);
    expect(known.since('town:2', at(1))).toBe(1_000);
    expect(known.since('town:1', at(2, 4_000))).toBe(4_000);
  });

  it('when it was loaded, once it is one of too many to remember', () => {
    const known = new TrueEntries();
    for (let id = 0; id <= 1_000; id += 1) known.confirm(`town:${id}`, at(1), 5_000);
    expect([known.since('town:0', at(1)), known.since('town:1', at(1))]).toEqual([1_000, 5_000]);
  });
});
