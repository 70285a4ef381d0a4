import type { Cache } from '../../core/cache/cache.js';
import type { ContextHoles } from '../context/context-holes.js';
import type { CacheService } from '../services/cache.service.js';

/** One step of a decorated call; the last is the method itself. */
export type Stage = (self: object, args: unknown[]) => unknown;

/** What stages are built from. */
export interface RuntimeParts {
  readonly cache: Cache;
  /** As the application injects it, so that `overrideProvider(CacheService)` is seen. */
  readonly service: CacheService;
  readonly holes: ContextHoles;
}
