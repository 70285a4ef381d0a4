import { describe, expect, it } from 'vitest';
import { seeded } from '../../faults/kit/seed.js';
import { check, type Report } from './check.js';
import { largeHistory, withStaleRead, type LargeHistory } from './large-history.js';
import type { Operation } from './operation.js';

/** By hand a million: `CONSISTENCY_OPERATIONS=1000000`. */
const OPERATIONS = Number(process.env.CONSISTENCY_OPERATIONS ?? 50_000);

const SHAPES: Readonly<Record<string, Omit<LargeHistory, 'operations'>>> = {
  'reads and writes of one key': { clients: 50, keys: 1 },
  'reads, writes and deletes of many keys': { clients: 50, keys: 25, kinds: ['read', 'read', 'write', 'delete'] },
  'compare-and-sets of many keys': { clients: 50, keys: 25, kinds: ['read', 'write', 'compare-and-set'] },
};

function timed(what: string, history: readonly Operation[]): Report {
  const began = performance.now();
  const report = check(history);
  console.log(`${history.length} operations, ${what}: ${((performance.now() - began) / 1_000).toFixed(2)} s`);
  return report;
}

describe.each(Object.keys(SHAPES))('a long history: %s', (name) => {
  const history = largeHistory({ clients: 1, keys: 1, ...SHAPES[name], operations: OPERATIONS }, seeded(1));

  it('of a register is legal, to the last key', { timeout: 120_000 }, () => {
    expect(timed(name, history)).toMatchObject({ violations: [], undecided: [] });
  });

  it('is not any more with one stale read', { timeout: 120_000 }, () => {
    const { violations, undecided } = timed(`${name}, one read stale`, withStaleRead(history));
    expect(violations).toHaveLength(1);
    expect(undecided).toEqual([]);
  });
});
