import type { Holes, NameTemplates } from '../../core/keys/grammar.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

/**
 * Once the method succeeded, takes every entry with one of these tags out of all caches of the service: in one operation
 * for each named cache, whatever the number of entries. Inside a database transaction after its commit. A load that began before
 * is not kept under the tag, in any process. May stand on a method several times, and beside a pattern.
 *
 * @param tags templates with holes as in keys, from the arguments or the result; `'*'` fans out over an array.
 * @example
 * class Countries { @InvalidateTags('country:{0.id}', 'countries') update(country: Country): Promise<Country> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong template fails the boot; a tag that cannot
 * be built from the arguments fails the call, one from the result is told by the event `uncached`.
 */
export function InvalidateTags<const G extends readonly string[]>(
  ...tags: NameTemplates<G> & readonly string[]
): MethodCheck<Holes<G[number]>> {
  return onMethod('InvalidateTags', (plan) => plan.tags.push(...tags));
}
