import { TOLERANCE, type Meter, type Quota } from './meter.js';

/** Parts that a `per` is cut into. */
export const PARTS = 60;

/**
 * Counts by sixtieths of `per`, and forgets one only when all of it is longer ago than `per`: 61 parts count, the one
 * under way included. At most 62 numbers a key.
 *
 * Worst case: the limit, in any span of `per`, whatever the traffic. The price: a request may wait up to a sixtieth of
 * `per` longer than an exact log would make it, so a steady overload is admitted at 60/61 of the limit (1.6 % less).
 */
export class ExactMeter implements Meter {
  /** The number of the newest part. */
  #part: number;
  /** By part, newest first. */
  readonly #counts: number[];
  #now = 0;

  constructor([part = 0, ...counts]: readonly number[] = []) {
    this.#part = part;
    this.#counts = counts;
  }

  read({ per }: Quota, now: number): number {
    const part = Math.floor((now * PARTS) / per);
    const counts = this.#counts;
    const passed = part - this.#part;
    if (passed > PARTS) counts.length = 0;
    for (let n = 0; n < passed && counts.length > 0; n++) if (counts.unshift(0) > PARTS + 1) counts.pop();
    // If the clock went back a little all counts as of the newest part; if far, from now.
    if (passed > 0 || passed < -PARTS) this.#part = part;
    this.#now = now;
    let used = 0;
    for (const count of counts) used += count;
    return used;
  }

  /** What is given back is the oldest: a part that is taken for newer than it was never leaves too early. */
  add(amount: number): void {
    const counts = this.#counts;
    if (amount >= 0) {
      counts[0] = (counts[0] ?? 0) + amount;
      return;
    }
    let left = -amount;
    for (let at = counts.length - 1; at >= 0 && left > 0; at--) {
      const taken = Math.min(left, counts[at] ?? 0);
      counts[at] = (counts[at] ?? 0) - taken;
      left -= taken;
    }
  }

  waitFor(cost: number, { limit, per }: Quota): number {
    if (cost > limit + TOLERANCE) return per;
    let used = 0;
    for (const count of this.#counts) used += count;
    if (used + cost <= limit + TOLERANCE) return 0;
    for (let at = this.#counts.length - 1; at >= 0; at--) {
      used -= this.#counts[at] ?? 0;
      if (used + cost <= limit + TOLERANCE) return this.#leaves(at, per);
    }
    return per;
  }

  reset({ per }: Quota): number {
    const newest = this.#counts.findIndex((count) => count > 0);
    return newest < 0 ? 0 : this.#leaves(newest, per);
  }

  numbers(): readonly number[] {
    return [this.#part, ...this.#counts];
  }

  /** Milliseconds until a part counts no more. */
  #leaves(at: number, per: number): number {
    return Math.max(0, ((this.#part - at + PARTS + 1) * per) / PARTS - this.#now);
  }
}
