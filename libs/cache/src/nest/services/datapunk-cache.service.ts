import type { Cache } from '../../core/cache/cache.js';
import type { HitSamples } from '../../core/cache/hit-samples.js';
import type { Load } from '../../core/cache/load.js';
import type { ReadOptions } from '../../core/cache/policy.js';
import type { Key } from '../../core/keys/key.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';
import { CacheService, type Held, type ServiceWriteOptions } from './cache.service.js';

/** The service over the core's cache. */
export class DatapunkCacheService extends CacheService {
  readonly #samples: HitSamples;

  constructor(private readonly cache: Cache) {
    super();
    this.#samples = cache.samples;
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
    options?: ReadOptions,
  ): Promise<Held<V, T>> {
    const hit = options === undefined ? this.cache.hit(key) : undefined;
    if (hit === undefined) return this.cache.readThrough(key, load, options) as Promise<Held<V, T>>;
    if (--this.#samples.left === 0) this.#samples.take(key, { load });
    return hit as Promise<Held<V, T>>;
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

  staleness(): readonly StalenessFigures[] {
    return this.#samples.figures();
  }
}

/** Whether the application or its test has put something else in the place of a method. */
export function isOverridden(
  service: CacheService,
  method: 'readThrough' | 'writeThrough' | 'cacheAside' | 'delete',
): boolean {
  return service[method] !== DatapunkCacheService.prototype[method];
}
