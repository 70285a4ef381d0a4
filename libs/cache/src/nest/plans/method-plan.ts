import type { EvictOptions, ReadOptions, WriteOptions } from '../../core/cache/policy.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { LockOptions } from '../../core/locks/lock-options.js';
import type { RetryPolicy } from '../../core/retries/retry-policy.js';
import type { RuleReference } from '../limits/rate-limits.js';
import type { ConsistencyLevel } from '../../core/shared/consistency-level.js';
import type { Duration } from '../../core/shared/duration.js';

/** A method as it was before it was decorated, called with `this` in front. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What the decorators on one method ask for. The pipeline runs it in one fixed order, however they were written. */
export interface MethodPlan {
  /** Where a runtime keeps its part of this plan. */
  readonly index: number;
  /** The prototype, or for a static method the class. */
  readonly owner: object;
  readonly method: string | symbol;
  readonly original: Method;
  readonly patterns: PatternPlan[];
  readonly evictions: EvictionPlan[];
  /** Templates of the tags that it invalidates. */
  readonly tags: string[];
  readonly limits: RuleReference[];
  requestCached?: { readonly key?: string | undefined };
  computed?: ComputedPlan;
  /** What `@Consistent` says on the method; on its class where there is nothing. */
  level?: ConsistencyLevel;
  retry?: RetryPlan;
  locked?: LockedPlan;
}

export interface ComputedPlan {
  readonly key?: string | undefined;
  readonly ttl?: Duration | undefined;
  readonly maxEntries?: number | undefined;
}

export interface LockedPlan {
  /** The template of the lock's name. */
  readonly name: string;
  readonly options: Omit<LockOptions, 'signal'> & { readonly ifBusy?: 'wait' | 'skip' | undefined };
}

export interface RetryPlan {
  readonly operation: string;
  readonly policy: RetryPolicy;
}

export type PatternPlan = ReadPlan | WritePlan;

export interface ReadPlan {
  readonly kind: 'readThrough';
  readonly key: AnyKey;
  readonly options: ReadOptions;
}

export interface WritePlan {
  readonly kind: 'writeThrough' | 'cacheAside';
  readonly key: AnyKey;
  readonly options: WriteOptions;
}

export interface EvictionPlan {
  readonly key: AnyKey;
  readonly options: EvictOptions;
}

/** Whether the plan reads, writes or evicts what processes share. */
export function isCached({ patterns, evictions }: MethodPlan): boolean {
  return patterns.length > 0 || evictions.length > 0;
}

/** `Class.method`, for messages. */
export function nameOf({ owner, method }: Pick<MethodPlan, 'owner' | 'method'>): string {
  const type = typeof owner === 'function' ? owner : owner.constructor;
  return `${type.name}.${String(method)}`;
}
