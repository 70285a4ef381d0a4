import type { Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';

/** Callers of one flight that get a promise of their own before the crowd shares one. */
const OWN_PROMISES = 64;

/**
 * Hands one outcome to many. A promise per caller is what a stampede of thousands costs most, so beyond the first few
 * all share one: the same frozen value anyway. Where values hold what cannot be frozen, or callers want copies, each
 * keeps a promise of its own; that is learned from the first such value under the same rules.
 */
export class Crowd {
  readonly #shared = new WeakMap<
    Flight<Outcome, CallRules>,
    { readonly rules: CallRules; readonly promise: Promise<unknown> }
  >();
  readonly #apart = new WeakSet<CallRules>();

  join(flight: Flight<Outcome, CallRules>, rules: CallRules): Promise<unknown> {
    if (++flight.joined <= OWN_PROMISES || rules.isolation === 'copy') return flight.outcome.then(rules.deliver);
    const shared = this.#shared.get(flight);
    if (shared?.rules === rules) return shared.promise;
    return shared === undefined && !this.#apart.has(rules)
      ? this.#share(flight, rules)
      : flight.outcome.then(rules.deliver);
  }

  /** Remembers what an outcome shows of the values under these rules. */
  learn(outcome: Outcome, rules: CallRules): void {
    if (outcome.kind !== 'kept' || !outcome.kept.shareable) this.#apart.add(rules);
  }

  #share(flight: Flight<Outcome, CallRules>, rules: CallRules): Promise<unknown> {
    const promise = flight.outcome.then(rules.deliver);
    this.#shared.set(flight, { rules, promise });
    return promise;
  }
}
