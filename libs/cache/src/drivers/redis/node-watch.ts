import type { Random } from '../../core/shared/random.js';
import type { RedisCluster } from './redis-client.js';

/**
 * Keeps at least one connection of a cluster client open. ioredis takes a cluster for gone when the connections to all
 * its nodes have ended; one that was never opened never ends, so without commands the loss would stay unnoticed. A node
 * that cannot be reached ends by being tried, which brings on the next.
 */
export function watchNodes(cluster: RedisCluster, random: Random): void {
  const look = (): void => {
    if (cluster.status !== 'ready') return;
    const nodes = cluster.nodes();
    if (nodes.some(({ status }) => status !== 'wait')) return;
    // Commands will want the connection to a primary anyway.
    const primaries = cluster.nodes('master');
    const candidates = primaries.length > 0 ? primaries : nodes;
    // Why it failed is told as 'node error'.
    candidates[Math.floor(random() * candidates.length)]?.connect().catch(() => undefined);
  };
  cluster.on('ready', look);
  cluster.on('-node', look);
}
