import type { Decision } from './decision.js';
import type { LimitAlgorithm } from './meters/new-meter.js';
import type { Quota } from './meters/meter.js';
import type { WhenStoreDown } from './rule.js';

/** A rule as a store knows it. */
export interface ScopeRule extends Quota {
  readonly name: string;
  /** The name, and whatever makes its counts another rule's: the algorithm and `per`. */
  readonly id: string;
  readonly algorithm: LimitAlgorithm;
  /** Decided and told, but never refused. */
  readonly shadow: boolean;
  /** What decides while the store does not answer. */
  readonly whenStoreDown: WhenStoreDown;
  /** Tokens of a lease, where the algorithm takes them ahead. */
  readonly lease: number;
}

/** One request to the rules of one scope, for one identity. */
export interface LimitAsk {
  /** `{scope},{identity}`, escaped. */
  readonly key: string;
  /** 1 to 8. Asks of one key with the same list travel together. */
  readonly rules: readonly ScopeRule[];
  readonly cost: number;
  /** Where a store of this process counts it: an ask that comes again needs no look-up. Only that store sets it. */
  slot?: number | undefined;
}

/** Most rules of one scope. */
export const MAX_RULES = 8;

/**
 * Keeps the counts. All rules of an ask are decided together: a refusal counts under none of them. Time is the store's.
 *
 * Port; `test/contracts/limit-store.contract.ts` holds what every store keeps to.
 */
export interface LimitStore {
  /**
   * @throws {Error} within a bounded time when the store does not answer; the request may have been counted.
   * @throws {CacheConfigError} when somebody else keeps something under the key: it stays as it is.
   */
  decide(ask: LimitAsk): Decision | Promise<Decision>;
  /**
   * Counts `cost` under every rule whatever the limit; a negative one gives back.
   * @param counted the decision whose count is given back, where it is one: a store that was not asked has not counted
   * @throws as `decide`.
   */
  adjust(ask: LimitAsk, counted?: Decision): void | Promise<void>;
  /** Forgets what was counted under a key. @throws as `decide`. */
  reset(key: string): void | Promise<void>;
  /** Whether it answers. @throws as `decide`. */
  probe(): void | Promise<void>;
}
