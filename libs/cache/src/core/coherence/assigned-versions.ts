import type { Clock } from '../shared/clock.js';

/**
 * A version this far ahead of the time is damage or a forgery: nothing could ever be newer, and believed it would spread.
 * Microseconds.
 */
export const AHEAD_US = 3_600_000_000;

/** Gives every write a number above all before it: microseconds of the clock, or one more than the last. */
export class AssignedVersions {
  #last = 0;

  constructor(private readonly clock: Clock) {}

  /** A version that somebody else gave: what comes after it here is above it. */
  saw(assigned: number): void {
    if (assigned < this.clock.now() * 1_000 + AHEAD_US) this.#last = Math.max(this.#last, assigned);
  }

  /** The highest that was given or seen. */
  get highest(): number {
    return this.#last;
  }

  /** The clock was wrong until now, and with it what was given. */
  forget(): void {
    this.#last = 0;
  }

  next(): number {
    const now = Math.floor(this.clock.now() * 1_000);
    // The clock was set back since: a number so far ahead would be taken for damage by all, for as long as that is.
    if (this.#last > now + AHEAD_US) this.#last = 0;
    this.#last = Math.max(this.#last + 1, now);
    return this.#last;
  }
}
