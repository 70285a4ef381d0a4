import type { Provider } from '@nestjs/common';
import { CacheEvents, type EventHub } from '../../core/events/event-hub.js';
import { RateLimiter } from '../../core/limits/rate-limiter.js';
import type { Composition } from '../composition.js';
import { ContextHoles } from '../context/context-holes.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { DatapunkRateLimitService } from '../services/datapunk-rate-limit.service.js';
import { RateLimitService } from '../services/rate-limit.service.js';
import { CACHE_COMPOSITION, RESOLVED_OPTIONS } from '../tokens.js';
import { HandlerLimits } from './handler-limits.js';
import { RateLimits } from './rate-limits.js';

/** The limits of an application, for its handlers and for those who ask by hand. */
export const LIMIT_PROVIDERS: Provider[] = [
  {
    provide: RateLimits,
    inject: [RESOLVED_OPTIONS, CACHE_COMPOSITION, ContextHoles, CacheEvents],
    useFactory: rateLimits,
  },
  { provide: HandlerLimits, inject: [RateLimits], useFactory: (limits: RateLimits) => new HandlerLimits(limits) },
  {
    provide: RateLimitService,
    inject: [RateLimits],
    useFactory: (limits: RateLimits) => new DatapunkRateLimitService(limits),
  },
];

/** @throws {CacheConfigError} for rules that cannot be decided together; nothing stays open then. */
async function rateLimits(
  ...[options, composition, holes, events]: [ResolvedOptions, Composition, ContextHoles, EventHub]
): Promise<RateLimits> {
  const fullKey = (key: string) => `coord:${options.service}:ratelimit:${key}`;
  const limiter = new RateLimiter({ store: composition.limits, events, fullKey });
  try {
    return new RateLimits({ limiter, concurrency: composition.concurrency, holes, ...options.limits });
  } catch (error) {
    await composition.close();
    throw error;
  }
}
