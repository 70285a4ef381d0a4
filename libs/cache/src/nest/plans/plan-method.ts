import type { MethodPlan } from './method-plan.js';

/** Adds to the plan of the decorated method, wrapping it the first time. */
export function planMethod(
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor,
  add: (plan: MethodPlan) => void,
): void {
  void target;
  void method;
  void descriptor;
  void add;
}
