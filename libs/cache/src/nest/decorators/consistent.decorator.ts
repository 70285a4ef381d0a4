import { CacheConfigError } from '../../core/errors.js';
import { LEVELS, type ConsistencyLevel } from '../../core/shared/consistency-level.js';
import { shown } from '../../core/shared/shown.js';
import { isCached, nameOf, type MethodPlan } from '../plans/method-plan.js';
import { plansOn } from '../plans/plan-registry.js';
import { onMethod } from './on-method.js';

/**
 * Says what the cached reads, writes and evictions of a method promise about values that other processes change; on a
 * class, what those of its own methods promise that say nothing themselves.
 *
 * `'strict'`: by key as if there were no cache; what cannot be confirmed throws `CacheConsistencyError`. All methods that
 * write or evict the key must be strict, and Redis needs replicas: else the boot fails. Without Redis one process keeps
 * the promise by itself. `'eventual'`: as if nothing were said. `'relaxed'`: stale at most for as long as a value lives,
 * and hardly waits for Redis. See docs/consistency.md for what each costs.
 *
 * @example
 * class Accounts { @Consistent('strict') @ReadThrough('account:{0}') find(id: number): Promise<Account> { … } }
 * @throws {CacheConfigError} for another level; on a class of which no method is cached. On such a method the boot fails.
 */
export function Consistent(level: ConsistencyLevel): MethodDecorator & ClassDecorator {
  if (!LEVELS.includes(level)) {
    throw new CacheConfigError(`@Consistent(${shown(level)}): a level is 'strict', 'eventual' or 'relaxed'.`);
  }
  const onOne = onMethod('Consistent', (plan) => setOnMethod(plan, level)) as MethodDecorator;
  const decorate = (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (method === undefined && typeof target === 'function') onClass(target, level);
    else onOne(target, method as string | symbol, descriptor as PropertyDescriptor);
  };
  return decorate as MethodDecorator & ClassDecorator;
}

function setOnMethod(plan: MethodPlan, level: ConsistencyLevel): void {
  if (plan.level !== undefined) throw new CacheConfigError(`${nameOf(plan)}: two @Consistent on one method. Keep one.`);
  plan.level = level;
}

/** Its methods were decorated before it. */
function onClass(
  type: object & { readonly name: string; readonly prototype?: unknown },
  level: ConsistencyLevel,
): void {
  const { prototype } = type;
  const plans = [...plansOn(type), ...(typeof prototype === 'object' && prototype !== null ? plansOn(prototype) : [])];
  const cached = plans.filter(isCached);
  if (cached.length === 0) {
    throw new CacheConfigError(
      `@Consistent('${level}') on class ${type.name}: none of its own methods reads, writes or evicts through the cache. Put it on the class that has them.`,
    );
  }
  for (const plan of cached) plan.level ??= level;
}
