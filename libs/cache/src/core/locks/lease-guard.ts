/** What the signal aborts wants time to stop: at least so long, and at least this share of the lease. */
const LEAST_MS = 50;
const SHARE = 0.1;

/** A timer of a busy process fires some ms late; times are rounded to whole ms, here and at the server. */
const LATENESS_MS = 10;

/** Two clocks drift apart while a lease lasts, well below a thousandth: NTP corrects by at most 500 ppm. */
const DRIFT_SHARE = 1 / 1_000;

/**
 * So long before a lease of `ttl` ms ends for the server it ends for its holder: at least 50 ms and a tenth of it, which
 * are the holder's to stop in, and what timers, rounding and drift may take of them.
 */
export function leaseGuard(ttl: number): number {
  return Math.max(LEAST_MS, SHARE * ttl) + LATENESS_MS + DRIFT_SHARE * ttl;
}
