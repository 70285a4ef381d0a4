/** So much in so long. */
export interface Quota {
  readonly limit: number;
  /** ms. */
  readonly per: number;
}

/** What sums of fractions may be off by: far less than one request, far more than rounding. */
export const TOLERANCE = 1e-6;

/**
 * Measures what one identity has used under one rule. The time is whatever clock decides: ms, and the same one in every
 * call. A server's scripts do the same arithmetic in the same order (`drivers/redis/limits/meters.lua.ts`).
 */
export interface Meter {
  /** What counts against the limit now. */
  read(quota: Quota, now: number): number;
  /** Counts more, or gives back (a negative amount), as of the last `read`. */
  add(amount: number): void;
  /** Milliseconds from the last `read` until `cost` more would be within the limit; `per` where it never would be. */
  waitFor(cost: number, quota: Quota): number;
  /** Milliseconds from the last `read` until nothing counts any more. */
  reset(quota: Quota): number;
  /** Its state, for one that starts from there. */
  numbers(): readonly number[];
}
