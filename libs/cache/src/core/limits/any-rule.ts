import { resolveConcurrency, type ConcurrencyRule, type ResolvedConcurrency } from './concurrency-rule.js';
import { resolveRule, type LimitRule, type ResolvedRule } from './rule.js';

/** So many in so long, or so many at a time. */
export type AnyRule = LimitRule | ConcurrencyRule;

export type AnyResolvedRule = ResolvedRule | ResolvedConcurrency;

/** A rule that has its name elsewhere. */
export type NamelessRule = Omit<LimitRule, 'name'> | Omit<ConcurrencyRule, 'name'>;

/** @throws {CacheConfigError} for anything wrong, with its path, the value and the remedy. */
export function resolveAny(rule: AnyRule, where: string): AnyResolvedRule {
  const isConcurrency = typeof rule === 'object' && rule !== null && 'concurrent' in rule && !('limit' in rule);
  return isConcurrency ? resolveConcurrency(rule, where) : resolveRule(rule as LimitRule, where);
}

/** Whether it counts what is under way. */
export function isConcurrency(rule: AnyResolvedRule): rule is ResolvedConcurrency {
  return 'concurrent' in rule;
}

/** Whether it counts what came. */
export function isRate(rule: AnyResolvedRule): rule is ResolvedRule {
  return !isConcurrency(rule);
}
