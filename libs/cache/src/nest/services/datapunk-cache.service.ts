import type { Cache } from '../../core/cache/cache.js';
import type { Load } from '../../core/cache/load.js';
import type { Loader } from '../../core/cache/read-through.js';
import type { ReadOptions } from '../../core/cache/policy.js';
import type { Key } from '../../core/keys/key.js';
import { CacheService, type ServiceWriteOptions } from './cache.service.js';

/** The service over the core's cache. */
export class DatapunkCacheService extends CacheService {
  constructor(private readonly cache: Cache) {
    super();
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

  readThrough<V>(key: Key<V>, load: (load: Load) => Promise<V>, options?: ReadOptions): Promise<V> {
    const hit = options === undefined ? this.cache.hit(key) : undefined;
    return (hit ?? this.cache.readThrough(key, load as Loader, options)) as Promise<V>;
  }

  writeThrough<V>(
    key: Key<V>,
    value: NoInfer<V>,
    save: (value: V) => Promise<V | void>,
    options?: ServiceWriteOptions,
  ): Promise<V> {
    return this.cache.writeThrough(key, value, save as (value: unknown) => unknown, options) as Promise<V>;
  }

  cacheAside<V>(key: Key<V>, update: () => Promise<NoInfer<V>>, options?: ServiceWriteOptions): Promise<V> {
    return this.cache.cacheAside(key, update, options) as Promise<V>;
  }
}

/** Whether the application or its test has put something else in the place of a method. */
export function isOverridden(service: CacheService, method: 'readThrough' | 'writeThrough' | 'cacheAside'): boolean {
  return service[method] !== DatapunkCacheService.prototype[method];
}
