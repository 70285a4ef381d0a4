import { runtimeOf } from '../discovery/bound-runtime.js';
import type { Method, MethodPlan } from './method-plan.js';

/** A thin wrapper that looks like the method and runs its plan in the application that owns `this`. */
export function wrap(plan: MethodPlan): Method {
  const { original, index } = plan;
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    const runtime = runtimeOf(this, plan);
    if (runtime === undefined) return original.apply(this, args);
    const stage = runtime.stages[index] ?? runtime.prepare(plan);
    return stage(this as object, args);
  };
  copyMetadata(original, wrapper);
  Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  return wrapper;
}

/** Foreign decorators below ours have written on the original: routes, guards, Swagger. */
function copyMetadata(from: Method, to: Method): void {
  for (const key of Reflect.getOwnMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
  for (const key of Reflect.ownKeys(from)) {
    const property = Object.getOwnPropertyDescriptor(from, key);
    if (property !== undefined && !Object.hasOwn(to, key)) Object.defineProperty(to, key, property);
  }
}
