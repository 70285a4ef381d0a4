import { Logger } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { CacheConfigError } from '../../core/errors.js';
import { nameOf, type MethodPlan } from '../plans/method-plan.js';
import type { CacheRuntime } from '../plans/runtime.js';
import { CACHE_RUNTIME } from '../tokens.js';
import { MODULE_REF } from './module-ref.js';

/** Runtimes by Nest's ModuleRef, and by instance where Nest made none (`useValue`, `useFactory`, static methods). */
const bound = new WeakMap<object, CacheRuntime>();
const warned = new WeakSet<object>();
/** Where there is no runtime: asking Nest again would cost every call an exception. */
const without = new WeakSet<object>();

/**
 * The runtime of the application that owns `self`. Undefined for an object made with `new`, and where
 * DatapunkCacheModule was forgotten, which is told once a class.
 */
export function runtimeOf(self: unknown, plan: MethodPlan): CacheRuntime | undefined {
  if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return undefined;
  const moduleRef = (self as { [MODULE_REF]?: ModuleRef })[MODULE_REF];
  if (moduleRef === undefined) return bound.get(self);
  const runtime = bound.get(moduleRef) ?? (without.has(moduleRef) ? undefined : lookUp(moduleRef, plan.owner));
  if (runtime === undefined && without.has(moduleRef)) refuseUnguarded(plan);
  return runtime;
}

/** For instances that Nest did not make: the first application that finds one keeps it until it closes. */
export function bindRuntime(instance: object, runtime: CacheRuntime): void {
  if (bound.get(instance)?.isClosed ?? true) bound.set(instance, runtime);
}

function lookUp(moduleRef: ModuleRef, owner: object): CacheRuntime | undefined {
  const runtime = found(moduleRef);
  if (runtime === undefined) {
    without.add(moduleRef);
    warnOnce(owner);
  }
  // While the application boots the provider may still be under way: null then, and the method runs bare.
  else if (runtime !== null) bound.set(moduleRef, runtime);
  return runtime ?? undefined;
}

function found(moduleRef: ModuleRef): CacheRuntime | null | undefined {
  try {
    return moduleRef.get<CacheRuntime | null>(CACHE_RUNTIME, { strict: false }) ?? null;
  } catch {
    return undefined;
  }
}

/** What is only slow without a cache is told; what is wrong without a lock or a limit must not run. */
function refuseUnguarded(plan: MethodPlan): void {
  const decorator = plan.locked === undefined ? 'RateLimited' : 'Locked';
  if (plan.locked === undefined && plan.limits.length === 0) return;
  throw new CacheConfigError(
    `${nameOf(plan)} has @${decorator}, but there is no DatapunkCacheModule. Import DatapunkCacheModule.forRoot({ service: … }) in the root module.`,
  );
}

function warnOnce(owner: object): void {
  if (warned.has(owner)) return;
  warned.add(owner);
  const name = typeof owner === 'function' ? owner.name : owner.constructor.name;
  new Logger('DatapunkCache').warn(
    `${name} has caching decorators, but there is no DatapunkCacheModule: its methods run uncached. Import DatapunkCacheModule.forRoot({ service: … }) in the root module.`,
  );
}
