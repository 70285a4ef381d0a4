import type { Load } from '../../core/cache/load.js';
import type { ReadOptions, WriteOptions } from '../../core/cache/policy.js';
import type { Key } from '../../core/keys/key.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';

/** What a call under a key gives: what the key holds; for a bare string, what the call itself brought. */
export type Held<V, T> = unknown extends V ? T : V | Extract<T, null | undefined>;

/** Options of a write through a service: the value is an argument, so no place has to be named. */
export type ServiceWriteOptions = Omit<WriteOptions, 'value' | 'version'>;

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
   * @throws {CacheTimeoutError} when `load` takes longer than `loadTimeout.hard` (30 s).
   * @throws {CacheSerializationError} when `load` gives what no layer can keep, with its path.
   */
  abstract readThrough<V, T extends V | null | undefined>(
    key: Key<V>,
    load: (load: Load) => Promise<T>,
    options?: ReadOptions,
  ): Promise<Held<V, T>>;

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
   * @throws {LockTimeoutError} when the lock was not free within 5 s; the update did not run.
   */
  abstract cacheAside<V, T extends V | null>(
    key: Key<V>,
    update: () => Promise<T>,
    options?: ServiceWriteOptions,
  ): Promise<Held<V, T>>;

  /**
   * How stale the hits of this process were: for every reader what came of comparing a sample of them with their source.
   * Empty with `forRoot({ staleness: false })`, and until a hit was drawn.
   *
   * @example for (const { reader, rate } of cache.staleness()) if ((rate ?? 0) > 0.001) alert(`${reader} is often stale`);
   */
  abstract staleness(): readonly StalenessFigures[];
}
