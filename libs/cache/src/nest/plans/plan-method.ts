import type { Method, MethodPlan } from './method-plan.js';
import { injectModuleRef } from '../discovery/module-ref.js';
import { newPlan, planOf, registerWrapper } from './plan-registry.js';
import { wrap } from './wrap.js';

/** A decorated method: the prototype it is on (the class, if static), its name and its descriptor. */
export interface MethodPlace {
  readonly owner: object;
  readonly method: string | symbol;
  readonly descriptor: PropertyDescriptor;
}

/** Adds to the plan of the decorated method, wrapping it the first time. */
export function planMethod({ owner, method, descriptor }: MethodPlace, add: (plan: MethodPlan) => void): void {
  const original = descriptor.value as Method;
  const known = planOf(original);
  if (known !== undefined && known.owner === owner) return add(known);
  const plan = newPlan(owner, method, original);
  add(plan);
  descriptor.value = wrap(plan);
  registerWrapper(descriptor.value as Method, plan);
  injectModuleRef(owner);
}
