import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bySearch, checkKey } from './check.js';
import { isLinearizable } from './oracle.js';
import type { Operation } from './operation.js';
import { legalHistories, mutated, type Shape } from './simulated-register.js';
import { testZones } from './zone-test.js';

const SHAPES: Readonly<Record<string, Partial<Shape>>> = {
  'reads and writes': {},
  'reads, writes and deletes': { kinds: ['read', 'read', 'write', 'delete'] },
  'compare-and-sets among others': { kinds: ['read', 'write', 'delete', 'compare-and-set', 'compare-and-set'] },
  'much at once': { moments: 3, longest: 8, operations: 6 },
};

const LARGE: Partial<Shape> = { operations: 200, moments: 300, longest: 8 };

/** How often it was found illegal, and how often it was looked at. */
function compared(histories: fc.Arbitrary<Operation[]>, runs: number) {
  const seen = { all: 0, illegal: 0 };
  const agree = (history: Operation[]): void => {
    const isLegal = isLinearizable(history);
    seen.all += 1;
    if (!isLegal) seen.illegal += 1;
    expect(checkKey(history).kind).toBe(isLegal ? 'linearizable' : 'violation');
    expect(bySearch(history).kind).toBe(isLegal ? 'linearizable' : 'violation');
  };
  fc.assert(fc.property(histories, agree), { numRuns: runs });
  return seen;
}

describe.each(Object.keys(SHAPES))('small histories: %s', (name) => {
  const shape = SHAPES[name] ?? {};

  it('that a register made are legal, for the oracle and for both checkers', () => {
    expect(compared(legalHistories(shape), 3_000).illegal).toBe(0);
  });

  it('that were changed are what the oracle says, for both', () => {
    const { all, illegal } = compared(mutated(mutated(legalHistories(shape))), 3_000);
    // Neither verdict is rare, or agreement would prove little.
    expect(illegal / all).toBeGreaterThan(0.1);
    expect(illegal / all).toBeLessThan(0.9);
  });
});

describe('large histories', () => {
  it.each([
    ['reads and writes', ['read', 'read', 'write']],
    ['deletes, too', ['read', 'read', 'write', 'delete']],
    ['compare-and-sets, too', ['read', 'read', 'write', 'delete', 'compare-and-set']],
  ] as const)('that a register made are legal: %s', (_name, kinds) => {
    const made = legalHistories({ ...LARGE, kinds });
    const isLegal = (history: Operation[]): boolean => checkKey(history).kind === 'linearizable';
    fc.assert(fc.property(made, isLegal), { numRuns: 300 });
  });

  it('that were changed are the same for the zone test and for the search', () => {
    let illegal = 0;
    const agree = (history: Operation[]): void => {
      const { kind } = testZones(history);
      if (kind === 'violation') illegal += 1;
      expect(bySearch(history).kind).toBe(kind);
    };
    fc.assert(fc.property(mutated(mutated(legalHistories(LARGE))), agree), { numRuns: 300 });
    expect(illegal).toBeGreaterThan(30);
  });

  it('have witnesses that are illegal by themselves', () => {
    let proven = 0;
    const isProof = (history: Operation[]): void => {
      const verdict = testZones(history);
      if (verdict.kind !== 'violation') return;
      proven += 1;
      const { proof } = verdict.violation;
      expect(proof.length).toBeLessThanOrEqual(6);
      expect(isLinearizable(proof.filter(({ call }) => call > -Infinity))).toBe(false);
    };
    fc.assert(fc.property(mutated(mutated(legalHistories(LARGE))), isProof), { numRuns: 300 });
    expect(proven).toBeGreaterThan(30);
  });
});
