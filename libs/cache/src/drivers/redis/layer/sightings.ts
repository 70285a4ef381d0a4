import type { Clock } from '../../../core/shared/clock.js';
import { AHEAD_US } from '../../../core/coherence/assigned-versions.js';

/** Tells of the versions that reads and replies show. Bytes in Redis are untrusted: what is far ahead is no version. */
export class Sightings {
  #highest = 0;

  constructor(
    private readonly clock: Clock,
    private readonly seen: (assigned: number) => void,
  ) {}

  /** Only what is above all before it is news. */
  note(assigned: number): void {
    if (!(assigned > this.#highest) || assigned > this.clock.now() * 1_000 + AHEAD_US) return;
    this.#highest = assigned;
    this.seen(assigned);
  }
}
