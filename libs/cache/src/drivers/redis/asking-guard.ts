import type { RedisCluster, RedisNode } from './redis-client.js';

/**
 * ioredis says ASKING before a command whose slot is on its way, and leaves the outcome to nobody: to a node that is
 * gone it would end the process as an unhandled rejection. The command behind it fails for the same reason, and tells.
 */
export function guardAsking(cluster: RedisCluster): void {
  cluster.on('+node', (one) => {
    const node = one as RedisNode;
    const ask = node.asking.bind(node);
    node.asking = async () => ask().catch(() => undefined);
  });
}
