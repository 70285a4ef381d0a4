import { LEASE_MS, type Lease, type LoadWord } from '../../../core/coherence/lease.js';
import type { Clock } from '../../../core/shared/clock.js';

/** How long a try waits for the next, ms. */
const AGAIN_MS = 100;

/** Leases that wait to be given back. Beyond it they end by themselves. */
const MOST = 1_024;

/** What a lease is given back by. */
export type Returned = Pick<Lease, 'key' | 'id'>;

export interface LeaseReturnsParts {
  readonly clock: Clock;
  /** Harmless for a lease that is void, or was never given. */
  readonly give: (lease: Returned, news: LoadWord) => Promise<unknown>;
}

/**
 * Leases that nobody uses and Redis may believe in, because what should have ended them, or said that they were given, was
 * lost. They are given back as soon as it answers, unless they end before: until then every other process waits for them.
 */
export class LeaseReturns {
  #count = 0;

  constructor(private readonly parts: LeaseReturnsParts) {}

  later(lease: Returned, news: LoadWord): void {
    if (this.#count >= MOST) return;
    this.#count += 1;
    this.#again(lease, news, this.parts.clock.now() + LEASE_MS);
  }

  #again(lease: Returned, news: LoadWord, until: number): void {
    const { clock, give } = this.parts;
    clock.after(AGAIN_MS, () => {
      if (clock.now() >= until) return this.#done();
      give(lease, news).then(
        () => this.#done(),
        () => this.#again(lease, news, until),
      );
    });
  }

  #done(): void {
    this.#count -= 1;
  }
}
