import type { Cancel, Clock } from '../../core/shared/clock.js';
import { nodeKey, type RedisCluster } from './redis-client.js';

/**
 * ioredis reads the slot table anew when a node sends a command elsewhere, so who sends nothing never hears of a
 * failover. Its `slotsRefreshInterval` goes on for ever in a client that was closed in the midst of a reading (5.11, 6.0).
 */
const EVERY_MS = 5_000;

/**
 * Tells when a primary is one no longer: a replica stands in its place, or its slots are elsewhere. Messages of that
 * time may be lost. Slots that move between primaries that stay lose none, nor does a primary that joins.
 */
export function watchPrimaries(cluster: RedisCluster, clock: Clock, left: (reason: string) => void): Cancel {
  let known: readonly string[] = [];
  cluster.on('refresh', () => {
    // In this moment the pool holds what was just read. The slot table does not: redirects write to it as well.
    const primaries = cluster.nodes('master').map(nodeKey);
    const gone = known.filter((key) => !primaries.includes(key));
    known = primaries;
    if (gone.length > 0) left(`PRIMARY_GONE: no primary any more: ${gone.join(', ')}`);
  });
  let cancel: Cancel;
  const readLater = (): void => {
    cancel = clock.after(EVERY_MS, () => {
      if (cluster.status === 'ready') cluster.refreshSlotsCache();
      readLater();
    });
  };
  readLater();
  return () => cancel();
}
