import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Composition } from '../composition.js';
import { ContextHoles } from '../context/context-holes.js';
import { giveContextTo } from '../context/gateway-contexts.js';
import { RequestInterceptor } from '../context/request-interceptor.js';
import { plansOn } from '../plans/plan-registry.js';
import type { MethodPlan } from '../plans/method-plan.js';
import type { CacheRuntime } from '../plans/runtime.js';
import { CACHE_COMPOSITION, CACHE_RUNTIME } from '../tokens.js';
import { BootCheck } from './boot-check.js';
import { bindRuntime } from './bound-runtime.js';
import { checkStrictPlace } from './check-strict-place.js';
import { MODULE_REF } from './module-ref.js';

/** Finds the decorated methods of the application: checks them all, and binds those that Nest injects nothing into. */
@Injectable()
export class CacheExplorer implements OnModuleInit {
  constructor(
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(BootCheck) private readonly check: BootCheck,
    @Inject(ContextHoles) private readonly holes: ContextHoles,
    @Inject(CACHE_COMPOSITION) private readonly composition: Composition,
    @Inject(RequestInterceptor) interceptor: RequestInterceptor,
  ) {
    // Now, because Nest binds gateways before `onModuleInit`.
    giveContextTo(
      this.#wrappers().map(({ metatype }) => metatype),
      interceptor,
    );
  }

  /** @throws {CacheConfigError} for every decorator that cannot work, before the first request. Nothing stays open then. */
  async onModuleInit(): Promise<void> {
    try {
      this.#explore();
      await checkStrictPlace(this.composition.cache.parts);
    } catch (error) {
      await this.composition.close();
      throw error;
    }
  }

  #explore(): void {
    const plans = new Set<MethodPlan>();
    for (const { metatype, instance } of this.#wrappers()) {
      for (const owner of [...prototypes(instance), ...classes(metatype)]) {
        for (const plan of plansOn(owner)) plans.add(plan);
      }
      this.#bind(instance);
      for (const type of classes(metatype))
        if (typeof type === 'function' && plansOn(type).length > 0) bindRuntime(type, this.runtime);
    }
    this.check.run([...plans]);
    this.holes.open();
  }

  /** What `useValue` and `useFactory` brought has no ModuleRef. */
  #bind(instance: unknown): void {
    const decorated = prototypes(instance).some((prototype) => plansOn(prototype).length > 0);
    if (decorated && isObject(instance) && !Object.hasOwn(instance, MODULE_REF)) bindRuntime(instance, this.runtime);
  }

  #wrappers() {
    return [...this.modules.values()].flatMap(({ providers, controllers, injectables }) => [
      ...providers.values(),
      ...controllers.values(),
      ...injectables.values(),
    ]);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/** The prototypes of an instance, nearest first. */
function prototypes(instance: unknown): object[] {
  const chain: object[] = [];
  if (!isObject(instance)) return chain;
  for (let at: unknown = Object.getPrototypeOf(instance); isObject(at); at = Object.getPrototypeOf(at)) chain.push(at);
  return chain;
}

/** A class, its ancestors and their prototypes; a factory function has none of ours. */
function classes(metatype: unknown): object[] {
  const chain: object[] = [];
  for (let at = metatype; typeof at === 'function' && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
    chain.push(at);
    if (isObject(at.prototype)) chain.push(at.prototype);
  }
  return chain;
}
