import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Cache } from '../../core/cache/cache.js';
import { CacheEvents } from '../../core/events/event-hub.js';
import { compose, realWorld, type World } from '../composition.js';
import { ContextHoles } from '../context/context-holes.js';
import { RequestInterceptor } from '../context/request-interceptor.js';
import { BootCheck } from '../discovery/boot-check.js';
import { CacheExplorer } from '../discovery/cache.explorer.js';
import { CacheLifecycle } from '../lifecycle.js';
import { EventLogger } from '../logging/event-logger.js';
import { resolveOptions, type ResolvedOptions } from '../options/resolve-options.js';
import { CacheRuntime } from '../plans/runtime.js';
import { CacheService } from '../services/cache.service.js';
import { DatapunkCacheService } from '../services/datapunk-cache.service.js';
import { CACHE_OPTIONS, CACHE_RUNTIME, CACHE_WORLD, RESOLVED_OPTIONS } from '../tokens.js';
import { Features } from './features.js';

/** Everything one application needs, from its options and a world. */
export function cacheProviders(world: () => World = realWorld): Provider[] {
  return [
    { provide: RESOLVED_OPTIONS, inject: [CACHE_OPTIONS], useFactory: resolveOptions },
    { provide: CACHE_WORLD, useFactory: world },
    { provide: Cache, inject: [RESOLVED_OPTIONS, CACHE_WORLD], useFactory: compose },
    { provide: CacheEvents, inject: [Cache], useFactory: (cache: Cache) => cache.parts.events },
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
    { provide: Features, inject: [Cache], useFactory: (cache: Cache) => new Features(cache.parts.rules) },
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

/** What other modules may inject. */
export const CACHE_EXPORTS = [CacheService, CacheEvents, CACHE_RUNTIME, Features];
