import type { WriteOptions } from '../../core/cache/policy.js';
import type { Holes } from '../../core/keys/grammar.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { HolesOf, SingleKey } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import type { Written } from './check/written.js';
import { onMethod } from './on-method.js';

/**
 * Runs the method, which saves to the source, then keeps what it returned under the key. No reader is answered from
 * the cache with what the save is about to replace; if the method throws, the key is left empty.
 *
 * @param key as in ReadThrough; here it may also come from the result, `'product:{result.id}'`.
 * @param options `value` names the place of the value where the method returns nothing: `{ value: '0' }`.
 * @example
 * class Products { @WriteThrough(productKey.at({ id: '0.id' })) save(product: Product): Promise<Product> { … } }
 * class Stock { @WriteThrough(stockKey, { value: '1' }) async set(id: number, amount: number): Promise<void> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot; a key that cannot be
 * built from the arguments fails the call before the save.
 */
export function WriteThrough<
  const K extends AnyKey,
  const S extends string = never,
  const G extends readonly string[] = [],
>(
  key: SingleKey<K, 'writes'>,
  options: WriteOptions<S, G> = {},
): MethodCheck<HolesOf<K> | Holes<G[number]>, Written<K, S>> {
  return onMethod('WriteThrough', (plan) => plan.patterns.push({ kind: 'writeThrough', key: key as AnyKey, options }));
}
