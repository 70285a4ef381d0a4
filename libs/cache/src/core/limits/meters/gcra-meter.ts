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

  read({ limit, per }: Quota, now: number): number {
    if (now > this.#at) this.#used = Math.max(0, this.#used - ((now - this.#at) * limit) / per);
    this.#at = now;
    return this.#used;
  }

  add(amount: number): void {
    this.#used = Math.max(0, this.#used + amount);
  }

  waitFor(cost: number, { limit, per }: Quota): number {
    if (cost > limit + TOLERANCE) return per;
    return Math.max(0, ((this.#used + cost - limit) * per) / limit);
  }

  reset({ limit, per }: Quota): number {
    return limit > 0 ? (this.#used * per) / limit : per;
  }

  numbers(): readonly number[] {
    return [this.#used, this.#at];
  }
}
