import { Decision, type RuleDecision } from './decision.js';
import type { LimitAsk, ScopeRule } from './limit-store.js';
import { TOLERANCE, type Meter } from './meters/meter.js';

/**
 * Decides one request by all rules of its scope, and counts it under all of them or under none. A rule in the shadow
 * refuses nobody, and does not count what it would have refused.
 * @param meters one for each rule, in their order
 */
export function decide(ask: LimitAsk, meters: readonly Meter[], now: number): Decision {
  const rule = ask.rules[0];
  const meter = meters[0];
  if (rule === undefined || meter === undefined || ask.rules.length > 1) return decideAll(ask, meters, now);
  return decideOne({ rule, meter, cost: ask.cost }, now);
}

function decideAll({ rules, cost }: LimitAsk, meters: readonly Meter[], now: number): Decision {
  const fits = rules.map((each, at) => fitsIn(each, meters[at], { cost, now }));
  const allowed = rules.every(({ shadow }, at) => shadow || fits[at] === true);
  const said = rules.map((each, at) => {
    const own = meters[at];
    if (own === undefined) throw new TypeError('a rule has no meter');
    if (allowed && fits[at] === true) own.add(cost);
    return say({ rule: each, meter: own, cost }, fits[at] === true, own.read(each, now));
  });
  return new Decision(allowed, said);
}

interface Counted {
  readonly rule: ScopeRule;
  readonly meter: Meter;
  readonly cost: number;
}

/** As `decide`, for what most scopes are: one rule. */
export function decideOne(counted: Counted, now: number): Decision {
  const { rule, meter, cost } = counted;
  const before = meter.read(rule, now);
  const fits = before + cost <= rule.limit + TOLERANCE;
  if (fits) meter.add(cost);
  return new Decision(fits || rule.shadow, say(counted, fits, fits ? before + cost : before));
}

function fitsIn(rule: ScopeRule, meter: Meter | undefined, { cost, now }: { cost: number; now: number }): boolean {
  return (meter?.read(rule, now) ?? Infinity) + cost <= rule.limit + TOLERANCE;
}

function say({ rule, meter, cost }: Counted, allowed: boolean, used: number): RuleDecision {
  return {
    rule: rule.name,
    allowed,
    limit: rule.limit,
    per: rule.per,
    remaining: Math.max(0, Math.floor(rule.limit - used + TOLERANCE)),
    retryAfter: allowed ? 0 : meter.waitFor(cost, rule),
    resetAfter: meter.reset(rule),
    shadow: rule.shadow,
  };
}
