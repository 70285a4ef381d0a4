import type { Method, MethodPlan } from './method-plan.js';

/**
 * Plans by the identity of the wrapper, because other decorators copy metadata (nestjs-cls puts a Proxy around the
 * method): a wrapper of ours below a foreign one has a plan of its own and runs inside it.
 */
const byWrapper = new WeakMap<Method, MethodPlan>();
const byOwner = new WeakMap<object, MethodPlan[]>();
let count = 0;

/** The plan of a method that is a wrapper of ours. */
export function planOf(method: Method): MethodPlan | undefined {
  return byWrapper.get(method);
}

/** Every plan declared on a prototype or class itself. */
export function plansOn(owner: object): readonly MethodPlan[] {
  return byOwner.get(owner) ?? [];
}

export function newPlan(owner: object, method: string | symbol, original: Method): MethodPlan {
  const plan: MethodPlan = {
    index: count++,
    owner,
    method,
    original,
    patterns: [],
    evictions: [],
    tags: [],
    limits: [],
  };
  byOwner.set(owner, [...plansOn(owner), plan]);
  return plan;
}

export function registerWrapper(wrapper: Method, plan: MethodPlan): void {
  byWrapper.set(wrapper, plan);
}
