import type { BulkLoad } from '../../core/cache/bulk-load.js';
import type { Load } from '../../core/cache/load.js';
import type { RecoveryFigures } from '../../core/cache/recovery.js';
import type { CallReadOptions, TagsByHand, WriteOptions } from '../../core/cache/policy.js';
import type { Key } from '../../core/keys/key.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';

/** What a call under a key gives: what the key holds; for a bare string, what the call itself brought. */
export type Held<V, T> = unknown extends V ? T : V | Extract<T, null | undefined>;

/** Options of a write through a service: the value is an argument, so no place has to be named. */
export type ServiceWriteOptions = Omit<WriteOptions, 'value' | 'version' | 'tags'> & TagsByHand;

/** How tags are invalidated. */
export interface InvalidateTagsOptions {
  /** `'delete'` (default): gone, and never served again. `'expire'`: no longer fresh. */
  mode?: 'delete' | 'expire' | undefined;
}

/**
 * The cache, for code that calls it by hand. Inject it by this class, or a named cache by `@InjectCache(name)`.
 * Keys are what `defineKey` builds or text in the grammar: `product:7`, `app:shop:product:7`.
 *
 * Every method rejects with `CacheKeyError` for a key outside the grammar and `CacheConfigError` for a wrong option.
 */
export abstract class CacheService {
  /** The cached value. `undefined`: not cached; `null`: cached, and known to be nothing. Never loads. */
  abstract get<V>(key: Key<V>): Promise<V | null | undefined>;

  /**
   * Keeps a value, whatever was there. Loads of the key that are under way are not kept any more.
   * @throws {CacheSerializationError} for `undefined` and for what no layer can keep, with its path.
   */
  abstract set<V>(key: Key<V>, value: NoInfer<V> | null, options?: ServiceWriteOptions): Promise<void>;

  /** Removes values. A wrong key refuses the whole call before anything is removed. */
  abstract delete(...keys: Key[]): Promise<void>;

  /** Makes values no longer fresh: the next read loads anew. */
  abstract expire(...keys: Key[]): Promise<void>;

  /**
   * The cached value, else what `load` gives. Concurrent callers of one key share one run of `load`. Its error reaches
   * every one of them unchanged, and nothing is kept. `null` is kept, `undefined` is not.
   *
   * @example const product = await cache.readThrough(productKey({ id }), () => db.products.find(id));
   * `options.signal` ends the wait of this caller alone; the load goes on while others wait for it.
   *
   * @throws {CacheTimeoutError} when `load` takes longer than `loadTimeout.hard` (30 s).
   * @throws {CacheSerializationError} when `load` gives what no layer can keep, with its path.
   */
  abstract readThrough<V, T extends V | null | undefined>(
    key: Key<V>,
    load: (load: Load) => Promise<T>,
    options?: CallReadOptions,
  ): Promise<Held<V, T>>;

  /** `get` for many keys: the values in the order of the keys, `undefined` for what is not cached. */
  abstract getMany<V>(keys: readonly Key<V>[]): Promise<(V | null | undefined)[]>;

  /**
   * `set` for many keys: a Map, or a list of `[key, value]`. A wrong key, option or value refuses the whole call before
   * anything is kept. Otherwise every entry is tried, and the call rejects with the first error.
   */
  abstract setMany<V>(
    entries: Iterable<readonly [Key<V>, NoInfer<V> | null]>,
    options?: ServiceWriteOptions,
  ): Promise<void>;

  /** `delete` for a list of keys. */
  abstract deleteMany(keys: readonly Key[]): Promise<void>;

  /**
   * `readThrough` for many ids: what is cached, and for the rest one call of `load` with the ids that are missing. Ids
   * with the same key are one. The result has every id, in the order asked; an id that `load` leaves out has `null`, which
   * is cached. A key that somebody loads already is waited for, not loaded again, and others may wait for a key loaded
   * here; when such a load elsewhere fails, `load` is called once more for what is left. Options hold for every key.
   *
   * @example const products = await cache.readThroughMany(ids, (id) => productKey({ id }), async (missing) => {
   *   const rows = await db.products.findByIds(missing);
   *   return new Map(rows.map((row) => [row.id, row]));
   * });
   *
   * @throws what `load` throws, and `CacheTimeoutError` as `readThrough`: the whole call fails, and what was cached stays.
   * @throws {CacheConfigError} when `load` gives anything but a Map.
   */
  abstract readThroughMany<I, V, T extends V | null | undefined>(
    ids: readonly I[],
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
    options?: CallReadOptions,
  ): Promise<Map<I, Held<V, T> | null>>;

  /**
   * A function that reads by id, as `readThrough`, and loads what is missing together: reads that begin in one tick share
   * one call of `load`, as with DataLoader. Only reads of one request do, and of one database transaction, so that `load`
   * may look at them. Make it once and keep it. An id that `load` leaves out has `null`, which is cached. What `load` throws
   * reaches every read that it loads for.
   *
   * @example readonly find = cache.batched((id: number) => productKey({ id }), async (missing) => {
   *   const rows = await db.products.findByIds(missing);
   *   return new Map(rows.map((row) => [row.id, row]));
   * });
   */
  abstract batched<I, V, T extends V | null | undefined>(
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
    options?: Omit<CallReadOptions, 'signal'>,
  ): (id: I) => Promise<Held<V, T> | null>;

  /**
   * Saves to the source, then keeps what `save` returns, or `value` if it returns nothing. While the save runs nothing
   * is kept under the key; if another write of it overlaps, the key is left empty, because nobody knows which save the
   * source took last, unless the key's definition knows versions. What `save` throws reaches the caller unchanged.
   *
   * @example await cache.writeThrough(productKey({ id }), product, (p) => db.products.save(p));
   * @throws {CacheSerializationError} before the save, for a value that no layer can keep.
   */
  abstract writeThrough<V, T extends V>(
    key: Key<V>,
    value: T,
    save: (value: T) => Promise<Held<NoInfer<V>, NoInfer<T>> | void>,
    options?: ServiceWriteOptions,
  ): Promise<Held<V, T>>;

  /**
   * Runs `update` alone under the key's lock, then keeps its result: for values that are changed in place (a counter, a
   * balance). Updates of one key run one after the other, in the order they were called.
   *
   * @example const visits = await cache.cacheAside(visitsKey({ id }), () => db.visits.increment(id));
   * @throws {LockTimeoutError} when the lock was not free within 5 s, or Redis gave no answer within
   * `protection.patience`; the update did not run.
   */
  abstract cacheAside<V, T extends V | null>(
    key: Key<V>,
    update: () => Promise<T>,
    options?: ServiceWriteOptions,
  ): Promise<Held<V, T>>;

  /**
   * Invalidates every entry with one of these tags: of a service from `@InjectCache(name)` those of that named cache, of the
   * default service all of the application's. One operation for each named cache, whatever the number of entries, without a
   * scan. A load that began before is not kept under the tag, in any process and whenever it ends. Inside a database
   * transaction it is done at its end. Resolves when it is done, or queued where Redis is away: until it is made up for,
   * this process serves none of these entries.
   *
   * @example await cache.invalidateTags(['country:de']);
   * @throws {CacheKeyError} for what is no tag.
   * @throws {CacheWriteError} when Redis does not answer and the queue for that is full.
   */
  abstract invalidateTags(tags: readonly string[], options?: InvalidateTagsOptions): Promise<void>;

  /**
   * Invalidates everything: of a service from `@InjectCache(name)` what that named cache holds, of the default service what
   * all caches of the application hold. At once, in every process, without a scan; else as `invalidateTags`. Memory in
   * Redis comes free as entries end.
   *
   * @throws {CacheWriteError} when Redis does not answer and the queue for that is full.
   */
  abstract clear(): Promise<void>;

  /**
   * How stale the hits of this process were: for every reader what came of comparing a sample of them with their source.
   * Empty with `forRoot({ staleness: false })`, and until a hit was drawn.
   *
   * @example for (const { reader, rate } of cache.staleness()) if ((rate ?? 0) > 0.001) alert(`${reader} is often stale`);
   */
  abstract staleness(): readonly StalenessFigures[];

  /**
   * What this process has counted since it started: of a service from `@InjectCache(name)` of that named cache, of the
   * default service of all caches together. A frozen snapshot; counting costs a read next to nothing, asking is cheap too.
   *
   * @example const { hitRatio, meanLoadMs } = products.stats();
   */
  abstract stats(): CacheStatistics;

  /**
   * What this process could not tell Redis, and what became of it: for health checks and metrics. All zero without Redis.
   *
   * @example if (cache.recovery().lost > 0) alert('Redis may hold values that were invalidated');
   */
  abstract recovery(): RecoveryFigures;
}
