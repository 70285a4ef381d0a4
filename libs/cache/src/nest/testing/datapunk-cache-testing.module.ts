import { Module, type DynamicModule, type MiddlewareConsumer, type NestModule, type Provider } from '@nestjs/common';
import { CacheEvents, EventHub } from '../../core/events/event-hub.js';
import { CacheConfigError } from '../../core/errors.js';
import { ContextHoles } from '../context/context-holes.js';
import { requestMiddleware } from '../context/request-middleware.js';
import { CACHE_EXPORTS, cacheProviders } from '../module/cache-providers.js';
import { Features } from '../module/features.js';
import type { CacheModuleOptions } from '../options/cache-module-options.js';
import type { MethodPlan } from '../plans/method-plan.js';
import type { Stage } from '../plans/stage.js';
import { HandlerLimits } from '../limits/handler-limits.js';
import { LockService } from '../services/lock.service.js';
import { CacheService } from '../services/cache.service.js';
import { RetryService } from '../services/retry.service.js';
import { RateLimitService } from '../services/rate-limit.service.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from '../tokens.js';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { CacheDoctor } from '../services/cache-doctor.service.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import { BypassLockService } from './bypass-lock.service.js';
import { BypassMonitor } from './bypass-monitor.js';
import { BypassCacheService } from './bypass-service.js';
import { BypassRetryService } from './bypass-retry.service.js';
import { BypassRateLimitService } from './bypass-rate-limit-service.js';
import { CacheFaults } from './faults/cache-faults.js';
import { EventRecorder } from './event-recorder.js';
import { FakeClock } from './fake-clock.js';

/** Nothing is random in a test: no jitter. */
const MIDDLE = () => 0.5;

/**
 * The cache for tests, in the place of `DatapunkCacheModule`: in memory, with a clock that stands still until it is
 * moved (inject `FakeClock`), without jitter, and with a record of everything the cache told (inject `EventRecorder`).
 *
 * @example
 * const app = await Test.createTestingModule({
 *   imports: [DatapunkCacheTestingModule.forRoot()], providers: [Products],
 * }).compile();
 * await app.init();
 * app.get(FakeClock).advance(duration('5m'));
 */
@Module({})
export class DatapunkCacheTestingModule implements NestModule {
  constructor(private readonly holes: ContextHoles) {}

  /** A working cache. Unless said otherwise the service is `'test'`, and no hit runs a loader (`staleness: false`). */
  static forRoot(options: Omit<Partial<CacheModuleOptions>, 'redis'> = {}): DynamicModule {
    if ('redis' in options) throw new CacheConfigError(IN_MEMORY);
    const clock = new FakeClock();
    const faults = new CacheFaults({ random: MIDDLE });
    return {
      module: DatapunkCacheTestingModule,
      global: true,
      providers: [
        { provide: CACHE_OPTIONS, useValue: { service: 'test', staleness: false, ...options } },
        { provide: FakeClock, useValue: clock },
        { provide: CacheFaults, useValue: faults },
        {
          provide: EventRecorder,
          inject: [CacheEvents],
          useFactory: (events: CacheEvents) => new EventRecorder(events),
        },
        ...cacheProviders(() => faults.world({ clock, random: MIDDLE })),
      ],
      exports: [...CACHE_EXPORTS, FakeClock, EventRecorder, CacheFaults],
    };
  }

  /** No cache at all: every decorated method runs as if it were not decorated, every service call loads and saves. */
  static bypass(): DynamicModule {
    return { module: DatapunkCacheTestingModule, global: true, providers: BYPASS, exports: CACHE_EXPORTS };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(requestMiddleware(this.holes)).forRoutes('*');
  }
}

const IN_MEMORY =
  'DatapunkCacheTestingModule.forRoot.redis: the testing module is in memory, on a clock that stands still, which a server would not. Leave redis out, or import DatapunkCacheModule to test against Redis.';

const NO_REDIS: DoctorReport = { severity: 'ok', topology: 'embedded', nodes: [], findings: [] };

const bareRuntime = {
  stages: [],
  prepare:
    ({ original }: MethodPlan): Stage =>
    (self, args) =>
      original.apply(self, args),
};

const BYPASS: Provider[] = [
  { provide: ContextHoles, useFactory: () => new ContextHoles() },
  { provide: CacheService, useClass: BypassCacheService },
  { provide: LockService, useClass: BypassLockService },
  { provide: RateLimitService, useClass: BypassRateLimitService },
  { provide: RetryService, useClass: BypassRetryService },
  {
    provide: HandlerLimits,
    useValue: { values: new ContextHoles(), enter: async () => undefined, isCounted: () => false },
  },
  { provide: CacheEvents, useClass: EventHub },
  { provide: CacheMonitor, inject: [CacheService], useFactory: (cache: CacheService) => new BypassMonitor(cache) },
  { provide: CacheDoctor, useValue: { examine: async () => NO_REDIS } },
  { provide: CACHE_RUNTIME, useValue: bareRuntime },
  { provide: Features, useFactory: () => new Features(undefined) },
];
