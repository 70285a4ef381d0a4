import type { Provider } from '@nestjs/common';
import { CacheEvents, type EventHub } from '../../core/events/event-hub.js';
import type { Composition, World } from '../composition.js';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { DatapunkCacheMonitor } from '../monitoring/datapunk-cache-monitor.js';
import { Observed } from '../monitoring/observed.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { CacheDoctor } from '../services/cache-doctor.service.js';
import { CacheService } from '../services/cache.service.js';
import { CACHE_COMPOSITION, CACHE_WORLD, RESOLVED_OPTIONS } from '../tokens.js';

/** Who watches the cache from outside. */
export const MONITORING: readonly Provider[] = [
  {
    provide: Observed,
    inject: [CacheEvents, CACHE_WORLD, RESOLVED_OPTIONS],
    useFactory: (events: CacheEvents, { clock }: World, { redis }: ResolvedOptions) =>
      new Observed(events, clock, redis !== undefined),
  },
  {
    provide: CacheMonitor,
    inject: [CACHE_COMPOSITION, RESOLVED_OPTIONS, CacheService, CacheEvents, CACHE_WORLD, Observed, CacheDoctor],
    useFactory: monitor,
  },
];

type Monitored = [Composition, ResolvedOptions, CacheService, EventHub, World, Observed, CacheDoctor];

function monitor(...[composition, options, cache, events, { clock }, observed, doctor]: Monitored): CacheMonitor {
  const { servers } = composition;
  const counted = composition.cache.parts;
  return new DatapunkCacheMonitor({ ...options, cache, counted, servers, events, observed, doctor, clock });
}
