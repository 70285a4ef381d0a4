import type { Holding } from './holding.js';
import type { LockTerms } from './lock-options.js';
import { PermitClaim, type PermitShare, type PermitsParts } from './permit-claim.js';

export type { PermitShare, PermitsParts } from './permit-claim.js';

/** Waits for permits, in the order in which the engine lets them in. */
export class Permits {
  #highest = 0n;

  constructor(private readonly parts: PermitsParts) {}

  /**
   * @returns `undefined` when they were not free within `wait`.
   * @throws {LockTimeoutError} when the place was away at the end of `wait`; the cause says why.
   * @throws {CacheConnectionError} when it is away and nobody waits.
   * @throws the signal's reason when it aborts first.
   */
  async acquire(share: PermitShare, terms: LockTerms): Promise<Holding | undefined> {
    terms.signal?.throwIfAborted();
    const holding = await new PermitClaim(share, { terms, above: this.#highest }, this.parts).take();
    if (holding !== undefined && holding.token > this.#highest) this.#highest = holding.token;
    return holding;
  }

  /** Hears of no offer any more. What is held ends by itself. */
  close(): void {
    this.parts.engine.close();
  }
}
