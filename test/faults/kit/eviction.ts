import { fields } from '../../support/redis/reply.js';
import type { RedisServer } from '../../support/redis/server.js';

export type EvictionPolicy = 'noeviction' | 'volatile-lru' | 'volatile-ttl' | 'allkeys-lru' | 'allkeys-random';

const HEADROOM_BYTES = 1024 * 1024;
const FILLER_BYTES = 16 * 1024;
const FILLERS = 1_000;

/**
 * Leaves the server 1 MB and writes 16 MB of values with a lifetime. Says how many keys it evicted. Without any that it
 * may evict, it refuses what needs memory from then on.
 */
export async function evictionPressure(server: RedisServer, policy: EvictionPolicy): Promise<number> {
  await server.call('CONFIG', 'SET', 'maxmemory-policy', policy);
  const used = Number(fields(await server.call('INFO', 'memory')).get('used_memory'));
  await server.call('CONFIG', 'SET', 'maxmemory', used + HEADROOM_BYTES);
  const wire = await server.open();
  const filler = 'x'.repeat(FILLER_BYTES);
  for (let at = 0; at < FILLERS; at += 1) {
    await wire.call('SET', `filler:${at}`, filler, 'PX', 600_000).catch(() => undefined);
  }
  wire.close();
  return Number(fields(await server.call('INFO', 'stats')).get('evicted_keys'));
}
