import type { EarlyKey, HolesOf } from './check/key-argument.js';
import type { MethodCheck } from './check/method-check.js';
import type { Keyless } from './check/written.js';
import { onMethod } from './on-method.js';

/** Options of RequestCached. */
export interface RequestCachedOptions<T extends string = string> {
  /** A template as in ReadThrough. Without it the arguments are the key, and all of them must be primitive. */
  key?: T | undefined;
}

/**
 * Keeps the result for the rest of the request (HTTP, GraphQL, WebSocket, RPC, or `runInCacheContext`), per instance
 * and method; outside of one the method simply runs. Promises are shared while they are pending, failures are not kept.
 *
 * @example
 * class Rights { @RequestCached() of(userId: string): Promise<string[]> { … } }
 * class Viewer { @RequestCached({ key: 'viewer:{0.id}' }) profile(user: User): Promise<Profile> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method. A wrong key fails the boot.
 */
export function RequestCached<const T extends string = never>(
  options: RequestCachedOptions<EarlyKey<T, 'keeps'> & string> = {},
): MethodCheck<HolesOf<T>, Keyless<T>> {
  return onMethod('RequestCached', (plan) => {
    plan.requestCached = options;
  });
}
