import type { ExecutionContext } from '@nestjs/common';
import type { Decision } from '../../core/limits/decision.js';
import type { ContextValues } from '../context/request-store.js';
import { limitsOf, skippedBy } from './limit-metadata.js';
import type { LimitPlan, RateLimits } from './rate-limits.js';

/** The rules of handlers: those of the application (HTTP only), of the class and of the method, without the skipped. */
export class HandlerLimits {
  readonly #plans = new WeakMap<object, WeakMap<object, LimitPlan>>();

  constructor(private readonly limits: RateLimits) {}

  /** Whose values `{@name}` holes have. */
  get values(): ContextValues {
    return this.limits.holes;
  }

  /** @returns nothing where no rule asks. @throws {CacheKeyError} when a `{@name}` has no value. */
  decide(context: ExecutionContext): Decision | Promise<Decision> | undefined {
    const plan = this.#planOf(context);
    return plan.length === 0 ? undefined : this.limits.check(this.limits.asks(plan, []));
  }

  #planOf(context: ExecutionContext): LimitPlan {
    const type = context.getClass();
    const handler = context.getHandler();
    const plans = this.#plans.get(type) ?? new WeakMap<object, LimitPlan>();
    this.#plans.set(type, plans);
    const plan = plans.get(handler) ?? this.#made(type, { handler, isHttp: context.getType() === 'http' });
    plans.set(handler, plan);
    return plan;
  }

  #made(
    type: { readonly name: string },
    { handler, isHttp }: { handler: { name: string }; isHttp: boolean },
  ): LimitPlan {
    const skipped = skippedBy(handler) ?? skippedBy(type);
    if (skipped?.length === 0) return [];
    const where = `@RateLimited on ${type.name}.${handler.name}`;
    const own = [...limitsOf(type), ...limitsOf(handler)].map((rule) => this.limits.resolve(rule, where));
    const rules = [...(isHttp ? this.limits.global : []), ...own].filter(({ at }) => at === 'call');
    return this.limits.plan(rules.filter(({ name }) => skipped?.includes(name) !== true));
  }
}
