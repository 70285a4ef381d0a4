import type { ReadOptions } from '../../core/cache/policy.js';
import type { Holes } from '../../core/keys/grammar.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { HolesOf, IsMany, ReadKey, ValueOf } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import type { Checked, Late, Reads } from './check/reads.js';
import { onMethod } from './on-method.js';

/**
 * Answers the method from the cache; on a miss runs it once, however many callers wait, and keeps what it returns.
 * `null` is kept as a known nothing, `undefined` is not kept. A key that cannot be built from the arguments lets the
 * method run uncached, with an event.
 *
 * With `'*'` it reads many: `'user:{0.*}'` takes a list of ids, and calls the method with those that are missing, in the
 * order asked. The method returns a Map by id, or an array with `{ by: 'id' }`, which then has null where there is nothing.
 *
 * With `{ batch }` reads of one id that begin in one tick are loaded together.
 *
 * @param key where the value is kept: a template with places in the call (`'user:{0}'`, `'user:{0.id},{1?}'`,
 * `'user:{@tenant},{0}'`), a definition (`userKey`, `userKey.at({ id: '0.id' })`), or a function of the arguments.
 * @example
 * const productKey = defineKey('product:{id}').holds<Product>();
 * class Products { @ReadThrough(productKey, { ttl: '10m' }) find(id: number): Promise<Product | null> { … } }
 * class Users { @ReadThrough(userKey.at({ id: '0.*' })) findMany(ids: number[]): Promise<Map<number, User>> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot.
 */
export function ReadThrough<
  const K extends AnyKey,
  const G extends readonly string[] = [],
  const B extends string = never,
>(
  key: ReadKey<K>,
  options: ReadOptions<G, B, [IsMany<K>] extends [true] ? never : ValueOf<K>> = {},
): MethodCheck<HolesOf<K> | Checked<K, Holes<G[number]>>, Reads<K, B, Extract<Holes<G[number]>, Late>>> {
  return onMethod('ReadThrough', (plan) => plan.patterns.push({ kind: 'readThrough', key: key as AnyKey, options }));
}
