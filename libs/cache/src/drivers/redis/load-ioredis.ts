import { CacheConfigError } from '../../core/errors.js';
import type { HostPort } from './redis-option.js';
import type { RedisCluster, RedisNode } from './redis-client.js';

/** What we make of ioredis: two classes. */
export interface Ioredis {
  readonly Redis: new (options: object) => RedisNode;
  readonly Cluster: new (nodes: readonly HostPort[], options: object) => RedisCluster;
}

/**
 * ioredis, an optional peer: loaded only where Redis is configured.
 * @throws {CacheConfigError} with the install command when it is not there.
 */
export function loadIoredis(load: () => unknown = () => require('ioredis')): Ioredis {
  try {
    return load() as Ioredis;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (!isMissing || !error.message.includes("'ioredis'")) throw error;
    throw new CacheConfigError("forRoot.redis: the package 'ioredis' is not installed. Run: npm install ioredis@6", {
      cause: error,
    });
  }
}
