import { CacheConfigError, RateLimitExceededError } from '../../core/errors.js';
import type { KeyPart } from '../../core/keys/key.js';
import {
  isConcurrency,
  isRate,
  resolveAny,
  type AnyResolvedRule,
  type AnyRule,
  type NamelessRule,
} from '../../core/limits/any-rule.js';
import type { ConcurrencyLimiter, Entry } from '../../core/limits/concurrency.js';
import type { ResolvedConcurrency } from '../../core/limits/concurrency-rule.js';
import { Decision, type LimitDecision } from '../../core/limits/decision.js';
import type { LimitAsk } from '../../core/limits/limit-store.js';
import type { RateLimiter } from '../../core/limits/rate-limiter.js';
import { fixedRules, rulesFor, scopesOf } from '../../core/limits/scopes.js';
import type { ContextHoles } from '../context/context-holes.js';
import { currentRequest } from '../context/request-store.js';
import { identityOf, limitKey, type LimitKey } from './limit-key.js';

/** Names under `forRoot({ limits: { rules } })`, or rules in place. */
export type RuleReference = string | AnyRule;

/** Whose request it is: one value instead of the rules' keys, or the arguments that fill their `{0}` holes. */
export type LimitIdentity = KeyPart | readonly unknown[];

export interface CheckOptions {
  /** What the request counts. Default: what its rules say, 1. */
  readonly cost?: number | undefined;
  /** The limit for this request, instead of the rules' own. From 0 to 1,000,000,000. */
  readonly limit?: number | undefined;
}

/** Identities whose asks are remembered. Beyond it all are forgotten. */
const REMEMBERED = 20_000;

/** Rules, ready for calls. */
export type LimitPlan = readonly PlannedScope[];

type PlannedScope = ReturnType<RateLimits['plan']>[number];

/** Rules on what is under way, ready for calls. */
export type ConcurrencyPlan = readonly { readonly rule: ResolvedConcurrency; readonly key: LimitKey }[];

/** All rules of a call. */
export interface CallPlan {
  readonly rates: LimitPlan;
  readonly atATime: ConcurrencyPlan;
}

export interface RateLimitsParts {
  readonly limiter: RateLimiter;
  readonly concurrency: ConcurrencyLimiter;
  readonly holes: ContextHoles;
  /** Of `forRoot`, by name. */
  readonly rules: Readonly<Record<string, NamelessRule>>;
  /** Names of those that all HTTP routes have. */
  readonly global: readonly string[];
}

/** The limits of one application: its rules, and requests against them. */
export class RateLimits {
  readonly #known = new Map<string, AnyResolvedRule>();
  readonly #inPlace = new WeakMap<AnyRule, AnyResolvedRule>();
  readonly global: readonly AnyResolvedRule[];

  /** @throws {CacheConfigError} for rules that cannot work. */
  constructor(private readonly parts: RateLimitsParts) {
    for (const [name, rule] of Object.entries(parts.rules)) {
      this.#known.set(name, resolveAny({ ...rule, name }, `forRoot.limits.rules.${name}`));
    }
    this.global = parts.global.map((name) => this.resolve(name, 'forRoot.limits.global'));
    this.planAll([...this.#known.values()]);
    if (this.needsArguments(this.planAll(this.global))) {
      throw new CacheConfigError(
        "forRoot.limits.global: a guard has no arguments yet: use '{@ip}' or '{@user}' there.",
      );
    }
  }

  /** @throws {CacheConfigError} for an unknown name, a wrong rule, or a second rule of one name. */
  resolve(rule: RuleReference, where: string): AnyResolvedRule {
    if (typeof rule === 'string') return this.#named(rule, where);
    const made = this.#inPlace.get(rule);
    if (made !== undefined) return made;
    const resolved = resolveAny(rule, where);
    const known = this.#known.get(resolved.name);
    if (known !== undefined && !isSame(known, resolved)) {
      throw new CacheConfigError(
        `${where}: there is another limit '${resolved.name}', and they would count together. Give it a name of its own, or name the same rule.`,
      );
    }
    this.#known.set(resolved.name, known ?? resolved);
    this.#inPlace.set(rule, known ?? resolved);
    return known ?? resolved;
  }

  /** @throws {CacheConfigError | CacheKeyError} for rules that cannot be decided together, and wrong keys. */
  planAll(rules: readonly AnyResolvedRule[]): CallPlan {
    const atATime = rules.filter(isConcurrency).map((rule) => ({ rule, key: this.#key(rule.key) }));
    return { rates: this.plan(rules), atATime };
  }

  needsArguments({ rates, atATime }: CallPlan): boolean {
    return [...rates, ...atATime].some(({ key }) => key.needsArguments);
  }

  /** The rules on what came. @throws as `planAll`. */
  plan(rules: readonly AnyResolvedRule[]) {
    return scopesOf(rules.filter(isRate)).map((scope) => ({
      name: scope.name,
      cost: scope.cost,
      key: this.#key(scope.key),
      rulesOf: rulesFor(scope),
      /** Asks by identity: most come again, and an ask that is made is half a decision. */
      known: fixedRules(scope) === undefined ? undefined : new Map<KeyPart, LimitAsk>(),
    }));
  }

  /** @throws {CacheKeyError} for an identity that no key can hold. */
  asks(plan: LimitPlan, identity: LimitIdentity, options?: CheckOptions): readonly LimitAsk[] {
    const ask = options === undefined ? this.#knownAsk(plan, identity) : undefined;
    return ask === undefined ? this.#asks(plan, identity, options) : [ask];
  }

  /** The ask of an identity that is one value, under a scope whose rules are the same for every call. */
  #knownAsk(plan: LimitPlan, identity: LimitIdentity): LimitAsk | undefined {
    const known = plan.length === 1 ? plan[0]?.known : undefined;
    if (known === undefined || typeof identity === 'object') return undefined;
    const ask = known.get(identity);
    if (ask !== undefined) return ask;
    if (known.size >= REMEMBERED) known.clear();
    const made = this.#asks(plan, identity)[0];
    if (made !== undefined) known.set(identity, made);
    return made;
  }

  #asks(plan: LimitPlan, identity: LimitIdentity, { cost, limit }: CheckOptions = {}): readonly LimitAsk[] {
    const args: readonly unknown[] = Array.isArray(identity) ? identity : [];
    if (cost !== undefined && !(cost > 0 && cost <= 1_000_000_000)) {
      throw new CacheConfigError(`cost: ${cost} is not valid: give a number above 0.`);
    }
    const call = { args, request: currentRequest()?.source?.request };
    return plan.map((scope) => {
      return {
        key: `${scope.name},${whoOf(scope.key, identity)}`,
        rules: scope.rulesOf(call, limit),
        cost: cost ?? scope.cost,
      };
    });
  }

  /**
   * Lets a call in that is within all rules, until it says that it is over. What it counted under some is given back when
   * others refuse it.
   */
  async enter({ rates, atATime }: CallPlan, identity: LimitIdentity): Promise<Entry> {
    const asks = this.asks(rates, identity);
    const seats = atATime.map(({ rule, key }) => ({ rule, who: whoOf(key, identity) }));
    const came = await this.parts.limiter.check(asks);
    if (seats.length === 0 || !came.allowed) return { decision: came, leave: NOTHING };
    const entry = await this.parts.concurrency.enter(seats).catch((error: unknown) => {
      this.parts.limiter.giveBack(asks, came);
      throw error;
    });
    const { allowed, rules, storeDown } = entry.decision;
    if (!allowed) this.parts.limiter.giveBack(asks, came);
    const decision = new Decision(allowed, [...came.rules, ...rules], came.storeDown || storeDown);
    return { decision, leave: entry.leave };
  }

  /** @throws as `asks`. */
  check(plan: LimitPlan, identity: LimitIdentity, options?: CheckOptions): Decision | Promise<Decision> {
    const ask = options === undefined ? this.#knownAsk(plan, identity) : undefined;
    if (ask !== undefined) return this.parts.limiter.decide(ask);
    return this.parts.limiter.check(this.#asks(plan, identity, options));
  }

  adjust(asks: readonly LimitAsk[]): Promise<void> {
    return this.parts.limiter.adjust(asks);
  }

  reset(asks: readonly LimitAsk[]): Promise<void> {
    return this.parts.limiter.reset(asks);
  }

  get holes(): ContextHoles {
    return this.parts.holes;
  }

  #named(name: string, where: string): AnyResolvedRule {
    const rule = this.#known.get(name);
    if (rule !== undefined) return rule;
    const names = Object.keys(this.parts.rules);
    const remedy =
      names.length === 0 ? 'Add it under forRoot({ limits: { rules } }).' : `Known limits: ${names.join(', ')}.`;
    throw new CacheConfigError(`${where}: there is no limit '${name}'. ${remedy}`);
  }

  /** @throws {CacheConfigError} for a `{@name}` that nobody gives a value. */
  #key(template: string | undefined) {
    const key = limitKey(template, this.parts.holes);
    const unknown = key.context.find((name) => !this.parts.holes.names.includes(name));
    if (unknown === undefined) return key;
    throw new CacheConfigError(
      `the limit key '${template}': nobody gives {@${unknown}} a value. Add it with forRoot({ context: { ${unknown}: (source) => … } }).`,
    );
  }
}

/** @throws {RateLimitExceededError} for a refusal. */
export function refuse(decision: LimitDecision): LimitDecision {
  if (decision.allowed) return decision;
  const { violated, retryAfter } = decision;
  const names = violated.map((name) => `'${name}'`).join(', ');
  throw new RateLimitExceededError(`The limit ${names} is reached. Try again in ${Math.ceil(retryAfter)} ms.`, {
    violated,
    retryAfter,
  });
}

const NOTHING = async (): Promise<void> => undefined;

function whoOf(key: LimitKey, identity: LimitIdentity): string {
  return Array.isArray(identity) ? key.of(identity) : identityOf(identity);
}

function isSame(one: AnyResolvedRule, other: AnyResolvedRule): boolean {
  return Object.entries(one).every(([option, value]) => Reflect.get(other, option) === value);
}
