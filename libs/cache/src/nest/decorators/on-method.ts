import { CacheConfigError } from '../../core/errors.js';
import type { MethodPlan } from '../plans/method-plan.js';
import { planMethod } from '../plans/plan-method.js';
import type { MethodCheck } from './check/method-check.js';

/**
 * A decorator that adds to the plan of its method. What the compiler refuses is refused here as well, for JavaScript.
 * @throws {CacheConfigError} on anything but a method.
 */
export function onMethod<H extends string, N>(decorator: string, add: (plan: MethodPlan) => void): MethodCheck<H, N> {
  const decorate = (target: unknown, method: unknown, descriptor: unknown): void => {
    if (typeof method !== 'string' && typeof method !== 'symbol') {
      throw new CacheConfigError(`@${decorator} ${standsOn(target, method)}`);
    }
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null || !isMethod(descriptor)) {
      const owner = typeof target === 'function' ? target.name : target?.constructor.name;
      throw new CacheConfigError(
        `@${decorator} on ${owner}.${String(method)}: only a method can be cached. Turn a property that holds a function, a getter or a setter into a method`,
      );
    }
    planMethod({ owner: target, method, descriptor }, add);
  };
  return decorate as MethodCheck<H, N>;
}

function isMethod(descriptor: unknown): descriptor is PropertyDescriptor {
  return (
    typeof descriptor === 'object' &&
    descriptor !== null &&
    'value' in descriptor &&
    typeof descriptor.value === 'function'
  );
}

/** Decorators of the other kind get a context object; class decorators nothing. */
function standsOn(target: unknown, method: unknown): string {
  if (typeof method === 'object') return 'needs "experimentalDecorators": true in tsconfig.json, as NestJS does';
  return `on ${typeof target === 'function' ? `class ${target.name}` : 'a class'}: put it on a method`;
}
