import type { LimitDecision } from '../../core/limits/decision.js';
import type { CheckOptions, LimitIdentity, RuleReference } from '../limits/rate-limits.js';

/** One rule or several. */
export type RuleReferences = RuleReference | readonly RuleReference[];

/**
 * Rate limits, for code that asks by hand. Rules are names under `forRoot({ limits: { rules } })` or rules in place.
 *
 * `identity` says whose request it is: a value, such as a user's id, instead of the keys of the rules; or the arguments
 * that fill their `{0}` holes. Default: none, for rules whose keys come from the request (`{@ip}`) or have no key.
 *
 * Rules of one `scope` are decided together: a refusal counts under none of them. Scopes are asked one after the other,
 * the narrowest first; what was counted is given back when a later one refuses.
 *
 * Every method rejects with `CacheConfigError` for an unknown or wrong rule, or where somebody else keeps something under
 * the Redis key, and with `CacheKeyError` for an identity that no key can hold.
 */
export abstract class RateLimitService {
  /**
   * Counts a request, if it is within the limits, and says so. While Redis does not answer each rule's `whenStoreDown`
   * decides, within 50 ms.
   *
   * @example if (!(await limits.check('mail', user.id)).allowed) return 'later';
   */
  abstract check(rules: RuleReferences, identity?: LimitIdentity, options?: CheckOptions): Promise<LimitDecision>;

  /** As `check`, for those who go on only when it is allowed. @throws {RateLimitExceededError} when it is not. */
  abstract consume(rules: RuleReferences, identity?: LimitIdentity, options?: CheckOptions): Promise<LimitDecision>;

  /**
   * Runs the work when it is allowed, and no more at a time than rules with `concurrent` say: only here may they be among
   * the rules. What a process let in that died counts until the rule's `ttl` is over.
   *
   * @example await limits.run({ name: 'exports', concurrent: 4 }, user.id, () => this.export(user));
   * @throws {RateLimitExceededError} when it is not; the work did not run, and counts under no rule.
   * @throws what the work throws, unchanged.
   */
  abstract run<T>(rules: RuleReferences, identity: LimitIdentity, work: () => Promise<T>): Promise<T>;

  /** Gives back what a request counted: for one that came to nothing. @throws {CacheWriteError} when Redis does not answer. */
  abstract refund(rules: RuleReferences, identity?: LimitIdentity, options?: CheckOptions): Promise<void>;

  /** Counts more, even beyond the limit: after a wrong password, say. @throws {CacheWriteError} as `refund`. */
  abstract penalize(rules: RuleReferences, identity: LimitIdentity, points: number): Promise<void>;

  /** Counts less. What was never counted is not owed. @throws {CacheWriteError} as `refund`. */
  abstract reward(rules: RuleReferences, identity: LimitIdentity, points: number): Promise<void>;

  /** Forgets what was counted for an identity, in all rules of the scope. @throws {CacheWriteError} as `refund`. */
  abstract reset(rules: RuleReferences, identity?: LimitIdentity): Promise<void>;
}
