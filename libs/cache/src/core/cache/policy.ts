import type { NameTemplates } from '../keys/grammar.js';
import type { KeyPart } from '../keys/key.js';
import type { ClassOf } from '../shared/class-of.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { ByteSize } from '../shared/byte-size.js';
import type { Duration } from '../shared/duration.js';
import type { Skip } from './keep-rules.js';
import type { TagsGiven } from '../tags/tags-option.js';
import type { Lifetime, LifetimeOf } from './lifetime.js';

/** One set of caching rules; a decorator, a call, a named policy, a named cache and `forRoot`'s defaults all speak it. */
export interface CachePolicy {
  /**
   * How long a value is served: a duration above 0, or `'forever'` (until evicted or invalidated).
   * Spread by ±10 % so that values stored together do not all end together. Default `'5m'`. Or a function that finds it in
   * the value; where that gives `undefined`, and for null, the next wider rule holds.
   *
   * @example ttl: (token: Token) => token.expiresIn * 1_000
   */
  ttl?: Lifetime | LifetimeOf | undefined;
  /** How long null, a cached nothing, is served: "not there" may be true for less long than a value. Default: `ttl`. */
  nullTtl?: Lifetime | undefined;
  /**
   * How long memory serves a value before it asks Redis again, which may hold it for longer: a duration above 0. Without
   * Redis a value ends with this or with `ttl`, whichever is sooner. Default: as long as `ttl`.
   */
  localTtl?: Duration | undefined;
  /**
   * The largest value that is kept, in any layer: bytes above 0, or `'64kb'`; its size is estimated as it lies in memory.
   * A larger one is handed to its callers all the same, and what was kept under its key before goes: the event
   * `not-stored`, `'too-large'`. Default: what the layers have room for.
   */
  maxEntrySize?: ByteSize | undefined;
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
  /**
   * How long after `ttl` a value may still be served as stale: where its loader fails, or while a fresh one is loaded.
   * Default 0: never. Under level `strict` always 0. A value that was deleted or written is never served any more.
   */
  staleFor?: Duration | undefined;
  /**
   * What is done where the loader fails and a stale value is at hand: it is served. `false`: the caller gets the error.
   * Without `staleFor` it has no effect.
   */
  staleIfError?: StaleIfErrorOptions | false | undefined;
  /**
   * Loads a value anew in the background before its `ttl` is over, while its readers go on getting it: one that is read all
   * the time is never waited for. Begun by a read, by one process of the fleet, and not once nobody reads the key any more.
   * `true`: by chance, the sooner the longer its load takes (XFetch, `beta` 1). Default `false`. Not under level `'strict'`,
   * and not for methods that do more than to read (`@Locked`, `@Evict` beside the read).
   */
  earlyRefresh?: EarlyRefreshOptions | boolean | undefined;
  /** Limits of one run of the loader. */
  loadTimeout?:
    | {
        /**
         * After this the caller gets the stale value, where one is at hand, and the load goes on in the background. 0: at
         * once, which is stale-while-revalidate. Default none: callers wait for the fresh value. Needs `staleFor`.
         */
        soft?: Duration | undefined;
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

/** When a value is loaded anew before its time is over: one of both. Never in the first half of its life, but by `threshold`. */
export interface EarlyRefreshOptions {
  /**
   * How eagerly, above 0: on average 2.9 times `beta` times the time that its load took before the end. Above 1 sooner, so
   * that loads that take long now and then are done in time; below 1 later. Default 1.
   */
  beta?: number | undefined;
  /** After this share of its life, above 0 and below 1: 0.8 of 5 minutes is after 4. */
  threshold?: number | undefined;
}

/** How failed loads are answered with stale values. */
export interface StaleIfErrorOptions {
  /**
   * How long after such a failure the key is not loaded again by this process: its callers get the stale value at once.
   * Default `'5s'`; 0: every caller tries.
   */
  throttle?: Duration | undefined;
  /** Errors that no stale value may mask, such as "it does not exist": the caller gets them. Default: none. */
  unless?: ((error: unknown) => boolean) | undefined;
}

export interface PerCall extends CachePolicy {
  /** A name under `forRoot({ policies })`. An unknown name fails the boot. */
  policy?: string | undefined;
}

/** Loads many values for a method that reads one, by the ids. */
export type BatchLoad<V = unknown> = (self: never, ids: never[]) => Promise<ReadonlyMap<KeyPart, V>>;

/** Options of one read. `G`: the texts of its tags, `B`: where an item says which id it answers, `V`: what a batch gives. */
export interface ReadOptions<
  G extends readonly string[] = readonly string[],
  B extends string = string,
  V = unknown,
> extends PerCall {
  /**
   * Of a method that reads many keys (`{0.*}`) and returns an array: where an item holds the id that it answers, `'id'` or
   * `'meta.id'`. The array then has an item for every id, in the order asked, and null where there is none. Default: the
   * method returns a Map by id.
   */
  by?: B | undefined;
  /**
   * Loads together what reads of one tick miss, as DataLoader does: given the object whose method was called and the ids
   * that are missing, it gives a Map by id; an id that it leaves out has `null`, which is cached. Only reads of one request
   * do, and of one database transaction. The method has one parameter, which is the id; where a tick misses only one, the
   * method itself loads it. `@Retried`, `@Locked` and limits of loads go on what `batch` calls. Annotate the parameters.
   * Default: every read loads alone.
   * @example { batch: (authors: Authors, ids: number[]) => authors.findByIds(ids) }
   */
  batch?: BatchLoad<V> | undefined;
  /**
   * Names by which the value is invalidated together with others, `InvalidateTags` or `CacheService.invalidateTags`: one
   * segment each, with holes as in a key, `{result.…}` too: `'country:{result.country}'`. `{result.*.id}` gives a tag for
   * every item. Tags that depend on more than that are named inside the method: `currentLoad()?.tags(…)`. A value with
   * tags is kept for 30 days at most. Not under level `'strict'`.
   */
  tags?: NameTemplates<G> | undefined;
  /**
   * The class whose instances the value, or each item of an array, becomes on every read: prototype set, constructor
   * not run. Without it class instances are refused, because no byte layer could give them back.
   */
  as?: ClassOf | undefined;
  /**
   * What the read leaves out. `'local'`: memory is neither asked nor filled; `'shared'`: Redis is neither asked nor filled,
   * so that the value is this process's alone until somebody changes the key; `'store'`: what is loaded is not kept.
   * Concurrent callers of one key share the load of whoever was first, whatever they skip. Writes skip nothing: what a
   * layer kept would be older than what was written. Default `[]`.
   */
  skip?: readonly Skip[] | undefined;
}

/** What a caller by hand says of tags. */
export interface TagsByHand {
  /**
   * Names by which the value is invalidated together with others, or a function of the value that gives them: each text of
   * A-Z a-z 0-9 _ . ~ - with `:` or `,` between, 256 characters at most, as `defineKey` builds it from values; at most 100.
   * A value with tags is kept for 30 days at most. Not under level `'strict'`.
   */
  tags?: TagsGiven | undefined;
}

/** Options of one call, wherever it comes from. */
export interface CallPolicy extends PerCall, TagsByHand {
  as?: ClassOf | undefined;
  skip?: readonly Skip[] | undefined;
  fresh?: boolean | undefined;
}

/** Options of one read by a call: decorators, which stand for many calls, take `ReadOptions`. */
export interface CallReadOptions extends Omit<ReadOptions, 'tags' | 'by' | 'batch'>, TagsByHand {
  /**
   * Loads anew whatever is kept: the key is expired for everybody first, and a load under way is not joined. Where the
   * loader fails, the caller gets its error. Default false.
   */
  fresh?: boolean | undefined;
  /**
   * Ends the wait of this caller: the call rejects with the signal's reason at once. The load goes on while others wait
   * for it; if nobody does any more, its own `load.signal` aborts, and the next read loads anew. Under level `strict`, and
   * inside a database transaction, the load always goes on. A signal that is aborted already: nothing is read.
   */
  signal?: AbortSignal | undefined;
}

/** Options of one write. */
export interface WriteOptions<
  S extends string = string,
  G extends readonly string[] = readonly string[],
> extends PerCall {
  /** As in reads. */
  tags?: NameTemplates<G> | undefined;
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
