import { CacheConfigError } from '../../core/errors.js';
import type { ResolvedRedis } from '../../drivers/redis/resolved-redis.js';
import { resolveIndependent } from '../../drivers/redis/resolve-independent.js';
import type { LocksOptions } from './cache-module-options.js';

/** Where locks are kept. */
export type ResolvedLocks =
  | { readonly engine: 'redis'; readonly replicas: number | undefined }
  | { readonly engine: 'redlock'; readonly nodes: readonly ResolvedRedis[] };

/** @throws {CacheConfigError} for options that contradict each other, and as `resolveIndependent`. */
export function resolveLocks({ engine = 'redis', nodes, replicas }: LocksOptions = {}): ResolvedLocks {
  if (engine === 'redlock') {
    if (replicas === undefined) return { engine, nodes: resolveIndependent(nodes ?? [], 'forRoot.locks.nodes') };
    throw new CacheConfigError("forRoot.locks.replicas: engine 'redlock' counts servers, not replicas. Leave it out.");
  }
  if (nodes === undefined) return { engine, replicas };
  throw new CacheConfigError(
    "forRoot.locks.nodes: only engine: 'redlock' has servers of its own. Write it, or leave nodes out.",
  );
}
