import type { Clock } from '../shared/clock.js';

/** Gives every write a number above all before it: microseconds of the clock, or one more than the last. */
export class AssignedVersions {
  #last = 0;

  constructor(private readonly clock: Clock) {}

  next(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(this.clock.now() * 1_000));
    return this.#last;
  }
}
