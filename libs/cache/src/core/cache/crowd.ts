import type { Flight } from './flights.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';

/** Callers of one flight that get a promise of their own before the crowd shares one. */
const OWN_PROMISES = 64;

/**
 * Hands one outcome to many. A promise per caller is what a stampede of thousands costs most, so beyond the first few
 * all share one: the same frozen value anyway. Only where the values are known to be such: until a load under the same
 * rules has shown it, and for ever after one that has not (a Date, a Map, bytes), each caller keeps a promise of its own.
 */
export class Crowd {
  readonly #shared = new WeakMap<
    Flight<Outcome, CallRules>,
    { readonly rules: CallRules; readonly promise: Promise<unknown> }
  >();
  readonly #together = new WeakSet<CallRules>();
  readonly #apart = new WeakSet<CallRules>();

  join(flight: Flight<Outcome, CallRules>, rules: CallRules): Promise<unknown> {
    if (++flight.joined <= OWN_PROMISES || rules.isolation === 'copy') return flight.outcome.then(rules.deliver);
    const shared = this.#shared.get(flight);
    if (shared?.rules === rules) return shared.promise;
    return shared === undefined && this.#mayShare(rules)
      ? this.#share(flight, rules)
      : flight.outcome.then(rules.deliver);
  }

  /** Remembers what an outcome shows of the values under these rules. A number, null and nothing show nothing. */
  learn(outcome: Outcome, rules: CallRules): void {
    if (outcome.kind === 'nothing') return;
    if (outcome.kind === 'refused' || !outcome.kept.shareable) this.#apart.add(rules);
    else if (typeof outcome.kept.value === 'object' && outcome.kept.value !== null) this.#together.add(rules);
  }

  #mayShare(rules: CallRules): boolean {
    return this.#together.has(rules) && !this.#apart.has(rules);
  }

  #share(flight: Flight<Outcome, CallRules>, rules: CallRules): Promise<unknown> {
    const promise = flight.outcome.then(rules.deliver);
    this.#shared.set(flight, { rules, promise });
    return promise;
  }
}
