import type { EvictOptions } from '../../core/cache/policy.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { ArgsOf, HolesOf, KeyArgument } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

/**
 * Takes keys out of the cache around the method. Of those that come from the arguments nothing is kept from its begin to
 * its end, in any process, and they are gone then, also when it failed: nobody knows what it has changed. Those that come
 * from the result go once it succeeded. May stand on a method several times, and beside a pattern.
 *
 * @param key as in ReadThrough, from the arguments or the result; `'*'` fans out over an array: `'product:{0.*}'`,
 * `'product:{result.*.id}'`.
 * @example
 * class Products { @Evict(productKey.at({ id: '0.id' })) remove(product: Product): Promise<void> { … } }
 * class Lists { @Evict('list:{result.category}', { mode: 'expire' }) update(product: Product): Promise<Product> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot; a key that cannot be
 * built fails the call.
 */
export function Evict<const K extends AnyKey>(
  key: KeyArgument<K>,
  options: EvictOptions = {},
): MethodCheck<HolesOf<K>, { args: ArgsOf<K> }> {
  return onMethod('Evict', (plan) => plan.evictions.push({ key, options }));
}
