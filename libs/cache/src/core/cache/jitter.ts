import type { Random } from '../shared/random.js';

const SPREAD = 0.1;

/** Spreads a lifetime by ±10 %, so that values stored together do not all end together. */
export function jittered(ttl: number, random: Random): number {
  return ttl === Number.POSITIVE_INFINITY ? ttl : ttl * (1 + SPREAD * (2 * random() - 1));
}
