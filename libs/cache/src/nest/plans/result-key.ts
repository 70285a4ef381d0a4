import { argumentsKey } from './arguments-key.js';
import { bindKey } from './key-binder.js';
import { nameOf, type MethodPlan } from './method-plan.js';
import type { RuntimeParts } from './stage.js';

/** Where a kept result belongs and under which key. */
export interface ResultKey {
  /** With a key of its own a result is shared by all instances; without one it is the instance's. The method's always. */
  readonly shared: boolean;
  readonly of: (args: readonly unknown[]) => string;
}

export function resultKey(plan: MethodPlan, key: string | undefined, { cache, holes }: RuntimeParts): ResultKey {
  const origin = nameOf(plan);
  if (key !== undefined) {
    const { id } = bindKey(key, { cache, holes });
    return { shared: true, of: (args) => `${plan.index}|${id(args)}` };
  }
  return { shared: false, of: (args) => `${plan.index}|${argumentsKey(args, origin)}` };
}
