import { Logger, type Provider } from '@nestjs/common';
import { APP_INTERCEPTOR, ModulesContainer } from '@nestjs/core';
import { Cache } from '../../core/cache/cache.js';
import { CacheEvents, EventHub } from '../../core/events/event-hub.js';
import { doctorOf } from '../composing/doctor.js';
import { compose, realWorld, type Composition, type World } from '../composition.js';
import { ContextHoles } from '../context/context-holes.js';
import { RequestInterceptor } from '../context/request-interceptor.js';
import { BootCheck } from '../discovery/boot-check.js';
import { checkOneRoot } from '../discovery/check-one-root.js';
import { CacheExplorer } from '../discovery/cache.explorer.js';
import { HandlerLimits } from '../limits/handler-limits.js';
import { LIMIT_PROVIDERS } from '../limits/limit-providers.js';
import { RateLimits } from '../limits/rate-limits.js';
import { CacheLifecycle } from '../lifecycle.js';
import { EventLogger } from '../logging/event-logger.js';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { Observed } from '../monitoring/observed.js';
import type { CacheModuleOptions } from '../options/cache-module-options.js';
import { resolveOptions, type ResolvedOptions } from '../options/resolve-options.js';
import { CacheRuntime } from '../plans/runtime.js';
import { CacheDoctor } from '../services/cache-doctor.service.js';
import { CacheService } from '../services/cache.service.js';
import { DatapunkCacheService } from '../services/datapunk-cache.service.js';
import { DatapunkLockService } from '../services/datapunk-lock.service.js';
import { DatapunkRetryService } from '../services/datapunk-retry.service.js';
import { LockService } from '../services/lock.service.js';
import { RateLimitService } from '../services/rate-limit.service.js';
import { RetryService } from '../services/retry.service.js';
import { CACHE_COMPOSITION, CACHE_OPTIONS, CACHE_RUNTIME, CACHE_WORLD, RESOLVED_OPTIONS } from '../tokens.js';
import { Features } from './features.js';
import { MONITORING } from './monitoring-providers.js';

/** Everything one application needs, from its options and a world. */
export function cacheProviders(world: () => World = realWorld): Provider[] {
  return [
    { provide: RESOLVED_OPTIONS, inject: [CACHE_OPTIONS, ModulesContainer], useFactory: resolvedOnce },
    { provide: CACHE_WORLD, useFactory: world },
    { provide: CacheEvents, useClass: EventHub },
    {
      provide: CACHE_COMPOSITION,
      // The last two are asked for so that they hear what the connection tells.
      inject: [RESOLVED_OPTIONS, CACHE_WORLD, CacheEvents, EventLogger, Observed],
      useFactory: compose,
    },
    ...SERVICES,
    {
      provide: ContextHoles,
      inject: [RESOLVED_OPTIONS],
      useFactory: ({ context }: ResolvedOptions) => new ContextHoles(context),
    },
    ...LIMIT_PROVIDERS,
    {
      provide: CACHE_RUNTIME,
      inject: [Cache, CacheService, ContextHoles, RetryService, LockService, RateLimitService, RateLimits],
      useFactory: runtime,
    },
    { provide: Features, inject: [CACHE_COMPOSITION], useFactory: features },
    {
      provide: RequestInterceptor,
      inject: [ContextHoles],
      useFactory: (holes: ContextHoles) => new RequestInterceptor(holes),
    },
    { provide: APP_INTERCEPTOR, useExisting: RequestInterceptor },
    ...MONITORING,
    BootCheck,
    CacheExplorer,
    CacheLifecycle,
    EventLogger,
  ];
}

/** What users call by hand, and the cache below. */
const SERVICES: readonly Provider[] = [
  { provide: Cache, inject: [CACHE_COMPOSITION], useFactory: ({ cache }: Composition) => cache },
  { provide: CacheService, inject: [Cache], useFactory: (cache: Cache) => new DatapunkCacheService(cache) },
  {
    provide: RetryService,
    inject: [CACHE_COMPOSITION],
    useFactory: ({ retries }: Composition) => new DatapunkRetryService(retries),
  },
  { provide: CacheDoctor, inject: [RESOLVED_OPTIONS, CACHE_WORLD], useFactory: doctorOf },
  { provide: LockService, inject: [CACHE_COMPOSITION, RESOLVED_OPTIONS], useFactory: lockService },
];

/** What is wrong is refused before anything is opened. */
function resolvedOnce(options: CacheModuleOptions, modules: ModulesContainer): ResolvedOptions {
  checkOneRoot(modules);
  return resolveOptions(options);
}

/** Without Redis locks are of one process, which in production is seldom meant. */
function lockService({ locks, permits, leaders }: Composition, { redis }: ResolvedOptions): LockService {
  return new DatapunkLockService({ locks, permits, leaders }, () => {
    if (redis !== undefined || process.env.NODE_ENV !== 'production') return;
    new Logger('DatapunkCache').warn(
      'Locks are used without Redis: each process has locks of its own. Give forRoot({ redis }) where more than one runs.',
    );
  });
}

function features(composition: Composition): Features {
  const { rules, tags } = composition.cache.parts;
  return new Features(
    rules,
    () => composition.close(),
    (name) => tags.learn([name]),
  );
}

type RuntimeServices = [Cache, CacheService, ContextHoles, RetryService, LockService, RateLimitService, RateLimits];

function runtime(...[cache, service, holes, retries, locks, limits, own]: RuntimeServices): CacheRuntime {
  return new CacheRuntime({ cache, service, holes, retries, locks, limits, rateLimits: own });
}

/** What other modules may inject. */
export const CACHE_EXPORTS = [
  CacheService,
  CacheDoctor,
  RateLimitService,
  HandlerLimits,
  LockService,
  RetryService,
  CacheEvents,
  CacheMonitor,
  CACHE_RUNTIME,
  Features,
];
