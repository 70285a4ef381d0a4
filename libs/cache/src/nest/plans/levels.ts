import type { PerCall } from '../../core/cache/policy.js';
import { CacheConfigError } from '../../core/errors.js';
import { nameOf, type MethodPlan } from './method-plan.js';

/**
 * Options of a decorator, with the level that `@Consistent` says.
 * @throws {CacheConfigError} where the two do not agree.
 */
export function withLevel<O extends PerCall>(options: O, plan: MethodPlan): O {
  const { level } = plan;
  if (level === undefined || options.level === level) return options;
  if (options.level === undefined) return { ...options, level };
  throw new CacheConfigError(
    `${nameOf(plan)}: @Consistent says '${level}' and the options of the decorator say '${options.level}'. Keep one of them.`,
  );
}
