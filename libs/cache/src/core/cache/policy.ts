import type { ClassOf } from '../shared/class-of.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { Duration } from '../shared/duration.js';

/** One set of caching rules; a decorator, a call, a named policy, a named cache and `forRoot`'s defaults all speak it. */
export interface CachePolicy {
  /**
   * How long a value is served: a duration above 0, or `'forever'` (until evicted or invalidated).
   * Spread by ±10 % so that values stored together do not all end together. Default `'5m'`.
   */
  ttl?: Duration | 'forever' | undefined;
  /**
   * What is promised of values that other processes change. Default `'eventual'`.
   *
   * `'strict'`: by key as if there were no cache, as long as every writer of the key is strict and one replica of its
   * server survives: reads are confirmed by all replicas and never from memory, writes are announced to all before the
   * save. What cannot be confirmed throws `CacheConsistencyError`. Needs a Redis with replicas (the boot refuses others);
   * without Redis one process keeps the promise by itself.
   * `'eventual'`: stale at most for as long as a notice travels; after a lost one until that is seen, 1.2 s as a rule.
   * `'relaxed'`: stale at most for `ttl`; a read waits for Redis 100 ms at most, a write tells it once and does not wait.
   */
  level?: ConsistencyLevel | undefined;
  /** Limits of one run of the loader. */
  loadTimeout?:
    | {
        /** After this the caller gets `CacheTimeoutError` and the load's signal aborts. Default `'30s'`. */
        hard?: Duration | undefined;
      }
    | undefined;
  /**
   * What a hit hands out. `'frozen'` (default): plain data is shared and deep-frozen, a write to it throws in strict
   * mode; Date, Map, Set and buffers are copied per read. `'copy'`: every caller gets a copy of its own to change.
   */
  isolation?: 'frozen' | 'copy' | undefined;
}

export interface PerCall extends CachePolicy {
  /** A name under `forRoot({ policies })`. An unknown name fails the boot. */
  policy?: string | undefined;
}

/** Options of one read. */
export interface ReadOptions extends PerCall {
  /**
   * The class whose instances the value, or each item of an array, becomes on every read: prototype set, constructor
   * not run. Without it class instances are refused, because no byte layer could give them back.
   */
  as?: ClassOf | undefined;
}

/** Options of one write. */
export interface WriteOptions<S extends string = string> extends PerCall {
  /** What is cached: `'result'` (default) or a place in the call: `'0'`, `'1.profile'`. */
  value?: S | undefined;
  /** Decorators only: where the source's own version is, overriding the key definition's: `'result.version'`, `'0.updatedAt'`. */
  version?: string | undefined;
  /** As in reads. */
  as?: ClassOf | undefined;
}

export interface EvictOptions {
  /** `'delete'` (default): gone. `'expire'`: no longer fresh. */
  mode?: 'delete' | 'expire' | undefined;
  /** `'after'` (default): once the method succeeded. `'before'`: before it runs, whatever comes of it. */
  when?: 'after' | 'before' | undefined;
}
