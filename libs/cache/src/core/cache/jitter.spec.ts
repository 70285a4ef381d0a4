import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jittered } from './jitter.js';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a jittered lifetime', () => {
  it('is what it was told, ±10 %', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), chance, (ttl, random) => {
        const spread = jittered(ttl, () => random);
        expect(spread).toBeGreaterThanOrEqual(ttl * 0.9 * (1 - 1e-12));
        expect(spread).toBeLessThanOrEqual(ttl * 1.1 * (1 + 1e-12));
      }),
    );
  });

  it('reaches both ends and is centred between them', () => {
    expect([0, 0.25, 0.5, 0.75, 1 - 2 ** -53].map((random) => jittered(1_000, () => random))).toEqual([
      900,
      950,
      1_000,
      1_050,
      expect.closeTo(1_100, 6),
    ]);
  });

  it('spreads values stored together evenly', () => {
    const shares = new Map<number, number>();
    for (let at = 0; at < 1_000; at += 1) {
      const tenth = Math.floor((jittered(1_000, () => at / 1_000) - 900) / 20);
      shares.set(tenth, (shares.get(tenth) ?? 0) + 1);
    }
    expect([...shares.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const share of shares.values()) expect(Math.abs(share - 100)).toBeLessThanOrEqual(1);
  });

  it('leaves for ever as it is', () => {
    expect(jittered(Number.POSITIVE_INFINITY, () => 0)).toBe(Number.POSITIVE_INFINITY);
    expect(jittered(Number.POSITIVE_INFINITY, () => 0.5)).toBe(Number.POSITIVE_INFINITY);
  });
});
