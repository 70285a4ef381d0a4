import { CacheConfigError, CacheWriteError } from '../../core/errors.js';
import type { LimitDecision } from '../../core/limits/decision.js';
import type { LimitAsk } from '../../core/limits/limit-store.js';
import {
  refuse,
  type CheckOptions,
  type LimitIdentity,
  type CallPlan,
  type LimitPlan,
  type RateLimits,
  type RuleReference,
} from '../limits/rate-limits.js';
import { RateLimitService, type RuleReferences } from './rate-limit.service.js';

/** The service over the limits of the application. */
export class DatapunkRateLimitService extends RateLimitService {
  readonly #byName = new Map<string, CallPlan>();
  readonly #byRules = new WeakMap<object, CallPlan>();

  constructor(private readonly limits: RateLimits) {
    super();
  }

  check(rules: RuleReferences, identity: LimitIdentity = NOBODY, options?: CheckOptions): Promise<LimitDecision> {
    try {
      const decided = this.limits.check(this.#ratesOf(rules), identity, options);
      return decided instanceof Promise ? decided : Promise.resolve(decided);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async consume(rules: RuleReferences, identity: LimitIdentity = [], options?: CheckOptions): Promise<LimitDecision> {
    return refuse(await this.limits.check(this.#ratesOf(rules), identity, options));
  }

  async run<T>(rules: RuleReferences, identity: LimitIdentity, work: () => Promise<T>): Promise<T> {
    const { decision, leave } = await this.limits.enter(this.#planOf(rules), identity);
    refuse(decision);
    try {
      return await work();
    } finally {
      await leave();
    }
  }

  async refund(rules: RuleReferences, identity: LimitIdentity = [], options?: CheckOptions): Promise<void> {
    await this.#adjust(this.#asks(rules, identity, options), (cost) => -cost);
  }

  async penalize(rules: RuleReferences, identity: LimitIdentity, points: number): Promise<void> {
    await this.#adjust(this.#asks(rules, identity), () => checked(points));
  }

  async reward(rules: RuleReferences, identity: LimitIdentity, points: number): Promise<void> {
    await this.#adjust(this.#asks(rules, identity), () => -checked(points));
  }

  async reset(rules: RuleReferences, identity: LimitIdentity = []): Promise<void> {
    await written(this.limits.reset(this.#asks(rules, identity)));
  }

  #adjust(asks: readonly LimitAsk[], amount: (cost: number) => number): Promise<void> {
    return written(this.limits.adjust(asks.map((ask) => ({ ...ask, cost: amount(ask.cost) }))));
  }

  #asks(rules: RuleReferences, identity: LimitIdentity, options?: CheckOptions): readonly LimitAsk[] {
    return this.limits.asks(this.#ratesOf(rules), identity, options);
  }

  #ratesOf(rules: RuleReferences): LimitPlan {
    const { rates, atATime } = this.#planOf(rules);
    if (atATime.length > 0) throw notCounted(atATime[0]?.rule.name);
    return rates;
  }

  #planOf(rules: RuleReferences): CallPlan {
    const known = typeof rules === 'string' ? this.#byName.get(rules) : this.#byRules.get(rules);
    if (known !== undefined) return known;
    const list: readonly RuleReference[] = Array.isArray(rules) ? rules : [rules as RuleReference];
    const plan = this.limits.planAll(list.map((rule) => this.limits.resolve(rule, 'RateLimitService')));
    if (typeof rules === 'string') this.#byName.set(rules, plan);
    else this.#byRules.set(rules, plan);
    return plan;
  }
}

const NOBODY: readonly unknown[] = [];

function notCounted(name: string | undefined): CacheConfigError {
  return new CacheConfigError(
    `the limit '${String(name)}' is on requests at a time: only run() knows when they end. Use run(rules, identity, work).`,
  );
}

function checked(points: number): number {
  if (typeof points === 'number' && points > 0 && points <= 1_000_000_000) return points;
  throw new CacheConfigError(`points: ${String(points)} is not valid: give a number above 0.`);
}

async function written(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (cause instanceof CacheConfigError) throw cause;
    throw new CacheWriteError('The counts could not be changed: Redis does not answer. Try again later.', { cause });
  }
}
