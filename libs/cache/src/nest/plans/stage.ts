import type { Cache } from '../../core/cache/cache.js';
import type { ContextHoles } from '../context/context-holes.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { CacheService } from '../services/cache.service.js';
import type { LockService } from '../services/lock.service.js';
import type { RateLimitService } from '../services/rate-limit.service.js';
import type { RetryService } from '../services/retry.service.js';
import type { MethodPlan } from './method-plan.js';

/** One step of a decorated call; the last is the method itself. */
export type Stage = (self: object, args: unknown[]) => unknown;

/** What stages are built from. */
export interface RuntimeParts {
  readonly cache: Cache;
  /** As the application injects it, so that `overrideProvider(CacheService)` is seen. */
  readonly service: CacheService;
  readonly holes: ContextHoles;
  readonly retries: RetryService;
  /** As the application injects it. */
  readonly locks: LockService;
  /** As the application injects it. */
  readonly limits: RateLimitService;
  /** The rules behind it. */
  readonly rateLimits: RateLimits;
}

/** Where a stage is built: one method of one application, and what it passes the call on to. */
export interface Site {
  readonly plan: MethodPlan;
  /** `Class.method`, for events and errors. */
  readonly origin: string;
  readonly parts: RuntimeParts;
  readonly next: Stage;
}
