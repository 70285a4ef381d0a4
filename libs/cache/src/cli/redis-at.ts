import { CacheConfigError } from '../core/errors.js';
import { resolveRedis } from '../drivers/redis/resolve-redis.js';
import type { ResolvedRedis } from '../drivers/redis/resolved-redis.js';
import { UsageError } from './command.js';

/**
 * The servers of `--redis`: one address, or several with commas between them.
 * @throws {UsageError} which shows no password.
 */
export function redisAt(text: string | undefined): ResolvedRedis {
  if (text === undefined || text.trim() === '') {
    throw new UsageError('--redis is missing: write redis://host:6379, or host:port,host:port for a cluster.');
  }
  const addresses = text.split(',').map((one) => one.trim());
  const redis = addresses.length === 1 ? text.trim() : { nodes: addresses };
  try {
    const resolved = resolveRedis({ redis }, 'cli');
    if (resolved !== undefined) return resolved;
  } catch (error) {
    if (!(error instanceof CacheConfigError)) throw error;
    throw new UsageError(error.message.replace(/^cli\.redis(?:\.nodes|\.url)?/, '--redis'));
  }
  throw new UsageError('--redis: this is no address.');
}
