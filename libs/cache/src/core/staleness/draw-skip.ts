import type { Random } from '../shared/random.js';

/** A small integer for V8, which counts it down in place. */
export const LONGEST_SKIP = 2 ** 30 - 1;

/**
 * How many hits to count down to the next that is looked at, so that each is with the same chance, independently:
 * geometric by inversion (Devroye 1986, X.2). A hit then costs a decrement instead of a random number.
 */
export function drawSkip(share: number, random: Random): number {
  const skip = 1 + Math.floor(Math.log1p(-random()) / Math.log1p(-share));
  // As an integer: a field that ever held a fraction is kept, and counted down, as one.
  return Math.min(skip, LONGEST_SKIP) | 0;
}
