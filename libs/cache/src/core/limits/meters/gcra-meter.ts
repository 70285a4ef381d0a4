import { TOLERANCE, type Meter, type Quota } from './meter.js';

/**
 * The generic cell rate algorithm as a leaky bucket (ITU-T I.371, annex A: the continuous-state form, equal to the
 * virtual scheduling with an arrival time): the bucket holds `limit` and leaks `limit` in `per`. Two numbers a key.
 *
 * Worst case: a full burst, and what leaks meanwhile: `limit + limit × w / per` in any span of `w`, so below twice the
 * limit in any one `per`.
 */
export class GcraMeter implements Meter {
  #used: number;
  #at: number;

  constructor([used, at]: readonly number[] = []) {
    this.#used = used ?? 0;
    this.#at = at ?? 0;
  }

  read(quota: Quota, now: number): number {
    if (now > this.#at) this.#used = leaked(this.#used, now - this.#at, quota);
    this.#at = now;
    return this.#used;
  }

  add(amount: number): void {
    this.#used = Math.max(0, this.#used + amount);
  }

  waitFor(cost: number, quota: Quota): number {
    return untilFits(this.#used, cost, quota);
  }

  reset(quota: Quota): number {
    return untilEmpty(this.#used, quota);
  }

  numbers(): readonly number[] {
    return [this.#used, this.#at];
  }
}

/** What is left in the bucket after so many ms. */
export function leaked(used: number, ms: number, { limit, per }: Quota): number {
  return Math.max(0, used - (ms * limit) / per);
}

/** Milliseconds until there is room for `cost` more; `per` where there never will be. */
export function untilFits(used: number, cost: number, { limit, per }: Quota): number {
  return cost > limit + TOLERANCE ? per : Math.max(0, ((used + cost - limit) * per) / limit);
}

/** Milliseconds until the bucket is empty. */
export function untilEmpty(used: number, { limit, per }: Quota): number {
  return limit > 0 ? (used * per) / limit : per;
}
