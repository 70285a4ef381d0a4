import { isHandler, refuseArguments } from '../../limits/limit-metadata.js';
import type { Site, Stage } from '../stage.js';

/**
 * Asks the limits before it goes on. For handlers a guard has done that already, but for rules that are asked only when
 * the method runs.
 * @throws {CacheConfigError} for rules that cannot work.
 */
export function limitStage({ plan, origin, parts, next }: Site, at: 'call' | 'load'): Stage {
  const { limits, rateLimits } = parts;
  const where = `@RateLimited on ${origin}`;
  const own = plan.limits.filter((rule) => rateLimits.resolve(rule, where).at === at);
  const planned = rateLimits.planAll(own.map((rule) => rateLimits.resolve(rule, where)));
  if (own.length === 0) return next;
  if (at === 'call' && isHandler(plan)) {
    refuseArguments(plan, rateLimits.needsArguments(planned));
    return next;
  }
  if (planned.atATime.length > 0) return async (self, args) => limits.run(own, args, async () => next(self, args));
  return async (self, args) => {
    await limits.consume(own, args);
    return next(self, args);
  };
}
