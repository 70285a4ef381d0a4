import {
  ComputedSchema,
  EvictSchema,
  LockSchema,
  ReadSchema,
  RequestCachedSchema,
  RetrySchema,
  WriteSchema,
} from '../options/call-schema.js';
import { validateOptions } from '../options/validate-options.js';
import { nameOf, type MethodPlan, type PatternPlan } from '../plans/method-plan.js';

const PATTERNS = {
  readThrough: ['ReadThrough', ReadSchema],
  writeThrough: ['WriteThrough', WriteSchema],
  cacheAside: ['CacheAside', WriteSchema],
} as const satisfies Record<PatternPlan['kind'], unknown>;

/** @throws {CacheConfigError} for options that the compiler would have refused. */
export function checkOptions(plan: MethodPlan): void {
  const on = `on ${nameOf(plan)}`;
  for (const { kind, options } of plan.patterns) {
    const [decorator, schema] = PATTERNS[kind];
    validateOptions(schema, options, `@${decorator} ${on}`);
  }
  for (const { options } of plan.evictions) validateOptions(EvictSchema, options, `@Evict ${on}`);
  if (plan.computed !== undefined) validateOptions(ComputedSchema, plan.computed, `@Computed ${on}`);
  if (plan.locked !== undefined) validateOptions(LockSchema, plan.locked.options, `@Locked ${on}`);
  if (plan.retry !== undefined) validateOptions(RetrySchema, plan.retry.policy, `@Retried ${on}`);
  if (plan.requestCached !== undefined)
    validateOptions(RequestCachedSchema, plan.requestCached, `@RequestCached ${on}`);
}
