import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR, ModulesContainer } from '@nestjs/core';
import { Cache } from '../../core/cache/cache.js';
import { CacheEvents, EventHub } from '../../core/events/event-hub.js';
import { compose, realWorld, type Composition, type World } from '../composition.js';
import { ContextHoles } from '../context/context-holes.js';
import { RequestInterceptor } from '../context/request-interceptor.js';
import { BootCheck } from '../discovery/boot-check.js';
import { checkOneRoot } from '../discovery/check-one-root.js';
import { CacheExplorer } from '../discovery/cache.explorer.js';
import { CacheLifecycle } from '../lifecycle.js';
import { EventLogger } from '../logging/event-logger.js';
import type { CacheModuleOptions } from '../options/cache-module-options.js';
import { resolveOptions, type ResolvedOptions } from '../options/resolve-options.js';
import { CacheRuntime } from '../plans/runtime.js';
import { CacheService } from '../services/cache.service.js';
import { DatapunkCacheService } from '../services/datapunk-cache.service.js';
import { CACHE_COMPOSITION, CACHE_OPTIONS, CACHE_RUNTIME, CACHE_WORLD, RESOLVED_OPTIONS } from '../tokens.js';
import { Features } from './features.js';

/** Everything one application needs, from its options and a world. */
export function cacheProviders(world: () => World = realWorld): Provider[] {
  return [
    { provide: RESOLVED_OPTIONS, inject: [CACHE_OPTIONS, ModulesContainer], useFactory: resolvedOnce },
    { provide: CACHE_WORLD, useFactory: world },
    { provide: CacheEvents, useClass: EventHub },
    {
      provide: CACHE_COMPOSITION,
      // The logger is asked for so that it hears what the connection tells.
      inject: [RESOLVED_OPTIONS, CACHE_WORLD, CacheEvents, EventLogger],
      useFactory: compose,
    },
    { provide: Cache, inject: [CACHE_COMPOSITION], useFactory: ({ cache }: Composition) => cache },
    { provide: CacheService, inject: [Cache], useFactory: (cache: Cache) => new DatapunkCacheService(cache) },
    {
      provide: ContextHoles,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ context }: ResolvedOptions) => new ContextHoles(context),
    },
    {
      provide: CACHE_RUNTIME,
      inject: [Cache, CacheService, ContextHoles],
      useFactory: (...parts: ConstructorParameters<typeof CacheRuntime>) => new CacheRuntime(...parts),
    },
    {
      provide: Features,
      inject: [CACHE_COMPOSITION],
      useFactory: (composition: Composition) => new Features(composition.cache.parts.rules, () => composition.close()),
    },
    {
      provide: RequestInterceptor,
      inject: [ContextHoles],
      useFactory: (holes: ContextHoles) => new RequestInterceptor(holes),
    },
    { provide: APP_INTERCEPTOR, useExisting: RequestInterceptor },
    BootCheck,
    CacheExplorer,
    CacheLifecycle,
    EventLogger,
  ];
}

/** What is wrong is refused before anything is opened. */
function resolvedOnce(options: CacheModuleOptions, modules: ModulesContainer): ResolvedOptions {
  checkOneRoot(modules);
  return resolveOptions(options);
}

/** What other modules may inject. */
export const CACHE_EXPORTS = [CacheService, CacheEvents, CACHE_RUNTIME, Features];
