import type { Method, MethodPlan } from './method-plan.js';
import { planOf } from './plan-registry.js';
import type { Site } from './stage.js';

/**
 * Whether a run of the method does more than to read its source: then it may not run only to compare a hit with it. It
 * evicts, takes a lock or counts against a limit; it belongs to one request; or it overrides a method that is cached
 * too, which would answer from the very entry in question.
 */
export function isNeverCompared({ plan, origin, parts }: Omit<Site, 'next'>): boolean {
  const { evictions, locked, requestCached, limits } = plan;
  if (evictions.length > 0 || locked !== undefined || requestCached !== undefined) return true;
  const isCounted = limits.some((rule) => parts.rateLimits.resolve(rule, `@RateLimited on ${origin}`).at === 'load');
  return isCounted || overridesCached(plan);
}

function overridesCached({ owner, method }: MethodPlan): boolean {
  const above: object | null = Object.getPrototypeOf(owner);
  const overridden: unknown = above === null ? undefined : Reflect.get(above, method);
  if (typeof overridden !== 'function') return false;
  return planOf(overridden as Method)?.patterns.some(({ kind }) => kind === 'readThrough') ?? false;
}
