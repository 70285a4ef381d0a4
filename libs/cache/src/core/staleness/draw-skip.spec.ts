import { describe, expect, it } from 'vitest';
import { seeded } from '../../../../../test/support/retries.js';
import { drawSkip, LONGEST_SKIP } from './draw-skip.js';

describe('the hits to the next that is looked at', () => {
  it('are one where every hit is', () => {
    for (const chance of [0, 0.5, 1 - 2 ** -53]) expect(drawSkip(1, () => chance)).toBe(1);
  });

  it('are at least one and never more than a small integer', () => {
    expect(drawSkip(0.001, () => 0)).toBe(1);
    expect(drawSkip(1e-300, () => 0.9)).toBe(LONGEST_SKIP);
    expect(drawSkip(1e-9, () => 1 - 2 ** -53)).toBe(LONGEST_SKIP);
  });

  it.each([0.5, 0.1, 0.001])('give each hit the chance of %f, whatever the hits before it', (share) => {
    const random = seeded(7);
    const draws = Array.from({ length: 20_000 }, () => drawSkip(share, random));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    // Of a geometric distribution, within four standard errors.
    expect(Math.abs(mean * share - 1)).toBeLessThan(4 / Math.sqrt(draws.length));
    const half = draws.filter((draw) => draw > 1 / share).length / draws.length;
    expect(half).toBeCloseTo((1 - share) ** Math.floor(1 / share), 1);
  });
});
