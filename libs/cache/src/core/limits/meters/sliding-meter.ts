import { TOLERANCE, type Meter, type Quota } from './meter.js';

/**
 * The sliding window counter: this window's count, and of the one before as much as is still within `per`, taken as
 * spread evenly (Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017). Three numbers
 * a key.
 *
 * Worst case: below twice the limit in any one `per`, when all of a window came at its end. Even traffic stays within
 * the limit.
 */
export class SlidingMeter implements Meter {
  #window: number;
  #count: number;
  #before: number;
  #now = 0;
  /** The share of the window before that still counts. */
  #left = 0;

  constructor([window, count, before]: readonly number[] = []) {
    this.#window = window ?? 0;
    this.#count = count ?? 0;
    this.#before = before ?? 0;
  }

  read({ per }: Quota, now: number): number {
    const window = Math.floor(now / per);
    if (window > this.#window) {
      this.#before = window === this.#window + 1 ? this.#count : 0;
      this.#count = 0;
      this.#window = window;
    } else if (window < this.#window - 1) {
      // The clock went back: what was counted counts from now.
      this.#window = window;
    }
    this.#now = now;
    this.#left = Math.min(1, Math.max(0, 1 - (now - this.#window * per) / per));
    return this.#count + this.#before * this.#left;
  }

  add(amount: number): void {
    this.#count += amount;
    if (this.#count >= 0) return;
    this.#before = Math.max(0, this.#before + this.#count);
    this.#count = 0;
  }

  waitFor(cost: number, { limit, per }: Quota): number {
    if (cost > limit + TOLERANCE) return per;
    const room = limit - cost;
    const start = this.#window * per;
    if (this.#count + this.#before * this.#left <= room) return 0;
    const fits = this.#count <= room;
    // In this window its share has to shrink; else all of this one is the share of the next.
    const shrinking = fits ? this.#before : this.#count;
    const share = (fits ? room - this.#count : room) / shrinking;
    return Math.max(0, start + (fits ? 0 : per) + (1 - share) * per - this.#now);
  }

  reset({ per }: Quota): number {
    const windows = this.#count > 0 ? 2 : this.#before > 0 ? 1 : 0;
    return windows === 0 ? 0 : Math.max(0, (this.#window + windows) * per - this.#now);
  }

  numbers(): readonly number[] {
    return [this.#window, this.#count, this.#before];
  }
}
