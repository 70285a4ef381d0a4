import type { WriteOptions } from '../../core/cache/policy.js';
import type { Holes } from '../../core/keys/grammar.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { EarlyKey, HolesOf } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import type { Written } from './check/written.js';
import { onMethod } from './on-method.js';

/**
 * Takes the lock of the key, runs the method, which updates the source, and keeps its result: one update of a key at
 * a time. For read-modify-write, such as counters. What others call cache-aside is ReadThrough with Evict.
 *
 * @param key as in ReadThrough.
 * @example
 * class Popularity { @CacheAside('popularity:{0}') bump(cityId: number): Promise<number> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot; a key that cannot be
 * built from the arguments fails the call before the update.
 */
export function CacheAside<const K extends AnyKey, const G extends readonly string[] = []>(
  key: EarlyKey<K, 'writes'>,
  options: Omit<WriteOptions<string, G>, 'value'> = {},
): MethodCheck<HolesOf<K> | Holes<G[number]>, Written<K, never>> {
  return onMethod('CacheAside', (plan) => plan.patterns.push({ kind: 'cacheAside', key: key as AnyKey, options }));
}
