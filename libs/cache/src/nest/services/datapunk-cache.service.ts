import { Bulk } from '../../core/cache/bulk.js';
import type { BulkLoad } from '../../core/cache/bulk-load.js';
import type { Cache } from '../../core/cache/cache.js';
import type { HitSamples } from '../../core/cache/hit-samples.js';
import type { RecoveryFigures } from '../../core/cache/recovery.js';
import type { Load } from '../../core/cache/load.js';
import type { CallReadOptions } from '../../core/cache/policy.js';
import { CacheConfigError } from '../../core/errors.js';
import type { Key } from '../../core/keys/key.js';
import { shown } from '../../core/shared/shown.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import { statisticsOf } from '../../core/statistics/statistics-of.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';
import { requestTicks } from '../context/ticks.js';
import { CacheService, type Held, type InvalidateTagsOptions, type ServiceWriteOptions } from './cache.service.js';

/** The service over the core's cache. */
export class DatapunkCacheService extends CacheService {
  readonly #samples: HitSamples;
  readonly #bulk: Bulk;

  /** @param name of a named cache; without it the service is of all. */
  constructor(
    private readonly cache: Cache,
    private readonly name?: string,
  ) {
    super();
    this.#samples = cache.samples;
    this.#bulk = new Bulk(cache);
  }

  get<V>(key: Key<V>): Promise<V | null | undefined> {
    return (this.cache.hit(key) ?? this.cache.get(key)) as Promise<V | null | undefined>;
  }

  set<V>(key: Key<V>, value: NoInfer<V> | null, options?: ServiceWriteOptions): Promise<void> {
    return this.cache.set(key, value, options);
  }

  delete(...keys: Key[]): Promise<void> {
    return this.cache.delete(keys);
  }

  expire(...keys: Key[]): Promise<void> {
    return this.cache.expire(keys);
  }

  readThrough<V, T extends V | null | undefined>(
    key: Key<V>,
    load: (load: Load) => Promise<T>,
    options?: CallReadOptions,
  ): Promise<Held<V, T>> {
    const hit = options === undefined ? this.cache.hit(key) : undefined;
    if (hit === undefined) return this.cache.readThrough(key, load, options) as Promise<Held<V, T>>;
    if (--this.#samples.left === 0) this.#samples.take(key, { load });
    return hit as Promise<Held<V, T>>;
  }

  getMany<V>(keys: readonly Key<V>[]): Promise<(V | null | undefined)[]> {
    return this.#bulk.getMany(keys) as Promise<(V | null | undefined)[]>;
  }

  setMany<V>(entries: Iterable<readonly [Key<V>, NoInfer<V> | null]>, options?: ServiceWriteOptions): Promise<void> {
    return this.#bulk.setMany(entries, options);
  }

  deleteMany(keys: readonly Key[]): Promise<void> {
    return this.#bulk.deleteMany(keys);
  }

  readThroughMany<I, V, T extends V | null | undefined>(
    ids: readonly I[],
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
    options?: CallReadOptions,
  ): Promise<Map<I, Held<V, T> | null>> {
    return this.#bulk.readThroughMany(ids, { keyOf, load }, options) as Promise<Map<I, Held<V, T> | null>>;
  }

  batched<I, V, T extends V | null | undefined>(
    keyOf: (id: I) => Key<V>,
    load: (missing: readonly I[], load: BulkLoad) => Promise<ReadonlyMap<I, T>>,
    options?: Omit<CallReadOptions, 'signal'>,
  ): (id: I) => Promise<Held<V, T> | null> {
    return this.#bulk.batched({ keyOf, load, options }, requestTicks) as (id: I) => Promise<Held<V, T> | null>;
  }

  writeThrough<V, T extends V>(
    key: Key<V>,
    value: T,
    save: (value: T) => Promise<Held<NoInfer<V>, NoInfer<T>> | void>,
    options?: ServiceWriteOptions,
  ): Promise<Held<V, T>> {
    return this.cache.writeThrough(key, value, () => save(value), options) as Promise<Held<V, T>>;
  }

  cacheAside<V, T extends V | null>(
    key: Key<V>,
    update: () => Promise<T>,
    options?: ServiceWriteOptions,
  ): Promise<Held<V, T>> {
    return this.cache.cacheAside(key, update, options) as Promise<Held<V, T>>;
  }

  async invalidateTags(tags: readonly string[], { mode = 'delete' }: InvalidateTagsOptions = {}): Promise<void> {
    if (mode !== 'delete' && mode !== 'expire') {
      throw new CacheConfigError(`invalidateTags: mode: ${shown(mode)} is neither 'delete' nor 'expire'.`);
    }
    await this.cache.invalidateTags(tags, mode, this.#caches);
  }

  clear(): Promise<void> {
    return this.cache.clear(this.#caches);
  }

  /** The same for a named cache alone. */
  named(name: string): CacheService {
    return new DatapunkCacheService(this.cache, name);
  }

  get #caches(): Iterable<string> {
    return this.name === undefined ? this.cache.parts.rules.caches : [this.name];
  }

  staleness(): readonly StalenessFigures[] {
    return this.#samples.figures();
  }

  stats(): CacheStatistics {
    return statisticsOf(this.cache.parts.counts, this.name);
  }

  recovery(): RecoveryFigures {
    return this.cache.recovery();
  }
}

/** Whether the application or its test has put something else in the place of a method. */
export function isOverridden(
  service: CacheService,
  method: 'readThrough' | 'readThroughMany' | 'writeThrough' | 'cacheAside' | 'delete',
): boolean {
  return service[method] !== DatapunkCacheService.prototype[method];
}
