import calculateSlot from 'cluster-key-slot';
import type { RedisCluster, RedisNode } from '../redis-client.js';
import type { SlotOwner } from '../slot-owners.js';
import type { Reads } from './standalone-reads.js';

const REDIRECTS = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY)\b/;

/**
 * Single GETs, grouped by node and written to each node's socket at once. A key that a node sends elsewhere, and one
 * whose owner is unknown, takes the slow way through the cluster client, which follows and refreshes its map.
 */
export function clusterReads(
  cluster: Pick<RedisCluster, 'getBuffer'>,
  ownerOf: (slot: number) => SlotOwner | undefined,
): Reads {
  const slowly = (key: string) => cluster.getBuffer(key);
  const elsewhere = (key: string) => (error: unknown) => {
    if (error instanceof Error && REDIRECTS.test(error.message)) return slowly(key);
    throw error;
  };
  return (keys) => {
    const corked = new Set<RedisNode>();
    const values = keys.map((key) => {
      const node = ownerOf(calculateSlot(key))?.client;
      if (node === undefined) return slowly(key);
      if (!corked.has(node)) node.stream?.cork();
      corked.add(node);
      return node.getBuffer(key).catch(elsewhere(key));
    });
    for (const { stream } of corked) stream?.uncork();
    return Promise.all(values);
  };
}
