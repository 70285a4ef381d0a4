import type { EvictOptions, ReadOptions, WriteOptions } from '../../core/cache/policy.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { Duration } from '../../core/shared/duration.js';

/** What the decorators on one method ask for. The pipeline runs it in one fixed order, however they were written. */
export interface MethodPlan {
  readonly owner: object;
  readonly method: string | symbol;
  readonly patterns: PatternPlan[];
  readonly evictions: EvictionPlan[];
  requestCached?: { readonly key?: string | undefined };
  computed?: { readonly key?: string | undefined; readonly ttl?: Duration | undefined; readonly maxEntries?: number | undefined };
}

export type PatternPlan =
  | { readonly kind: 'readThrough'; readonly key: AnyKey; readonly options: ReadOptions }
  | { readonly kind: 'writeThrough' | 'cacheAside'; readonly key: AnyKey; readonly options: WriteOptions };

export interface EvictionPlan {
  readonly key: AnyKey;
  readonly options: EvictOptions;
}
