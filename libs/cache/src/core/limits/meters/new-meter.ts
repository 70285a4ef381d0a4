import { ExactMeter } from './exact-meter.js';
import { GcraMeter } from './gcra-meter.js';
import type { Meter } from './meter.js';
import { SlidingMeter } from './sliding-meter.js';

/**
 * How requests are counted. Each says what it admits at most in any span of one `per`:
 *
 * - `'gcra'` (default): below twice the limit; a full burst and a steady flow. Two numbers a key.
 * - `'sliding'`: below twice the limit; the limit when traffic is even. Three numbers a key.
 * - `'exact'`: the limit, always; up to 1.6 % less under a steady overload. Up to 62 numbers a key.
 * - `'leased'`: as `'gcra'`, and a lease for each process: each takes tokens ahead, a lease at a time, and decides by
 *   itself while they last.
 */
export type LimitAlgorithm = 'gcra' | 'sliding' | 'exact' | 'leased';

const METERS = { gcra: GcraMeter, leased: GcraMeter, sliding: SlidingMeter, exact: ExactMeter };

export const LIMIT_ALGORITHMS = Object.keys(METERS) as readonly LimitAlgorithm[];

/** One that has counted nothing, or starts from the numbers of another. */
export function newMeter(algorithm: LimitAlgorithm, numbers?: readonly number[]): Meter {
  return new METERS[algorithm](numbers);
}
