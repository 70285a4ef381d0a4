import type { ExecutionContext } from '@nestjs/common';
import type { Entry } from '../../core/limits/concurrency.js';
import type { ContextValues } from '../context/request-store.js';
import { limitsOf, skippedBy } from './limit-metadata.js';
import type { CallPlan, RateLimits } from './rate-limits.js';

/** The rules of handlers: those of the application (HTTP only), of the class and of the method, without the skipped. */
export class HandlerLimits {
  readonly #plans = new WeakMap<object, WeakMap<object, CallPlan>>();

  constructor(private readonly limits: RateLimits) {}

  /** Whose values `{@name}` holes have. */
  get values(): ContextValues {
    return this.limits.holes;
  }

  /**
   * By all rules, unless `enterWork` asks them.
   * @returns nothing where no rule asks. @throws {CacheKeyError} when a `{@name}` has no value.
   */
  async enter(context: ExecutionContext): Promise<Entry | undefined> {
    const plan = this.#planOf(context);
    if (plan.rates.length + plan.atATime.length === 0 || this.isCounted(context)) return undefined;
    return this.limits.enter(plan, []);
  }

  /** Whether the call has rules on what is under way, and it is not the guard that hears when it ends. */
  isCounted(context: ExecutionContext): boolean {
    return context.getType() !== 'http' && this.#planOf(context).atATime.length > 0;
  }

  /** By all rules. @throws {CacheKeyError} as `enter`. */
  async enterWork(context: ExecutionContext): Promise<Entry> {
    return this.limits.enter(this.#planOf(context), []);
  }

  #planOf(context: ExecutionContext): CallPlan {
    const type = context.getClass();
    const handler = context.getHandler();
    const plans = this.#plans.get(type) ?? new WeakMap<object, CallPlan>();
    this.#plans.set(type, plans);
    const plan = plans.get(handler) ?? this.#made(type, { handler, isHttp: context.getType() === 'http' });
    plans.set(handler, plan);
    return plan;
  }

  #made(
    type: { readonly name: string },
    { handler, isHttp }: { handler: { name: string }; isHttp: boolean },
  ): CallPlan {
    const skipped = skippedBy(handler) ?? skippedBy(type);
    if (skipped?.length === 0) return { rates: [], atATime: [] };
    const where = `@RateLimited on ${type.name}.${handler.name}`;
    const own = [...limitsOf(type), ...limitsOf(handler)].map((rule) => this.limits.resolve(rule, where));
    const rules = [...(isHttp ? this.limits.global : []), ...own].filter(({ at }) => at === 'call');
    return this.limits.planAll(rules.filter(({ name }) => skipped?.includes(name) !== true));
  }
}
