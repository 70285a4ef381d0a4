import type { ReadOptions } from '../../core/cache/policy.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { ArgsOf, EarlyKey, HolesOf, ValueOf } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

interface Reads<K> {
  args: ArgsOf<K>;
  result: ValueOf<K>;
  say: 'the parameters or the result do not fit the key';
}

/**
 * Answers the method from the cache; on a miss runs it once, however many callers wait, and keeps what it returns.
 * `null` is kept as a known nothing, `undefined` is not kept. A key that cannot be built from the arguments lets the
 * method run uncached, with an event.
 *
 * @param key where the value is kept: a template with places in the call (`'user:{0}'`, `'user:{0.id},{1?}'`,
 * `'user:{@tenant},{0}'`), a definition (`userKey`, `userKey.at({ id: '0.id' })`), or a function of the arguments.
 * @example
 * const productKey = defineKey('product:{id}').holds<Product>();
 * class Products { @ReadThrough(productKey, { ttl: '10m' }) find(id: number): Promise<Product | null> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot.
 */
export function ReadThrough<const K extends AnyKey>(
  key: EarlyKey<K, 'reads'>,
  options: ReadOptions = {},
): MethodCheck<HolesOf<K>, Reads<K>> {
  return onMethod('ReadThrough', (plan) => plan.patterns.push({ kind: 'readThrough', key: key as AnyKey, options }));
}
