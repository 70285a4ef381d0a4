import { CacheConfigError } from '../../core/errors.js';
import { nameOf, type MethodPlan } from '../plans/method-plan.js';
import { onlyPattern } from '../plans/pipeline.js';

/**
 * One pattern a method. A foreign decorator between two of ours gives the method two plans, so plans are also compared
 * with each other.
 * @throws {CacheConfigError}
 */
export function checkOnePattern(plans: readonly MethodPlan[]): void {
  const patterned = new Map<object, Set<string | symbol>>();
  for (const plan of plans) {
    if (onlyPattern(plan) === undefined && plan.computed === undefined) continue;
    const methods = patterned.get(plan.owner) ?? new Set();
    if (methods.has(plan.method)) {
      throw new CacheConfigError(
        `${nameOf(plan)}: two caching patterns on one method, with another decorator between them. One pattern a method: keep one of them, or split the method.`,
      );
    }
    patterned.set(plan.owner, methods.add(plan.method));
  }
}
