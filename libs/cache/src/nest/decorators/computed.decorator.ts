import type { Duration } from '../../core/shared/duration.js';
import type { EarlyKey, HolesOf } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import type { Keyless } from './check/written.js';
import { onMethod } from './on-method.js';

/** Options of Computed. */
export interface ComputedOptions<T extends string = string> {
  /** A template as in ReadThrough. Without it the arguments are the key, and all of them must be primitive. */
  key?: T | undefined;
  /** How long a result is kept. Default: `ttl` of `forRoot({ defaults })`, `'5m'`. */
  ttl?: Duration | undefined;
  /** Most results kept per instance and method; the least recently used go first. Default 1,000. */
  maxEntries?: number | undefined;
}

/**
 * Remembers the results of a computation in this process, per instance and method: no layers, no bytes, no events.
 * For pure functions of their arguments; works for methods that return no promise, too.
 *
 * @example
 * class Geometry { @Computed({ ttl: '1h', maxEntries: 500 }) distance(from: number, to: number): number { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot.
 */
export function Computed<const T extends string = never>(
  options: ComputedOptions<EarlyKey<T, 'keeps'> & string> = {},
): MethodCheck<HolesOf<T>, Keyless<T>> {
  return onMethod('Computed', (plan) => {
    plan.computed = options;
  });
}
