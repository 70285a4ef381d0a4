import type { Random } from '../../core/shared/random.js';
import type { DataClient } from './data-client.js';
import { nodeKey, type RedisNode } from './redis-client.js';

/** For each of the few commands of a subscriber: signing in, SUBSCRIBE, PING. */
const COMMAND_MS = 3_000;

/**
 * Fresh connections for subscriptions, like the one for data but without retries: whoever uses one takes another when
 * it ends. In a cluster each goes to a primary by chance, and not twice in a row to the same: any node hears every
 * message, but one that was cut off from the others hears none and does not say so.
 */
export function carriersOf(data: DataClient, random: Random): () => RedisNode | undefined {
  if (data.kind === 'standalone') return () => freshConnection(data.client, 'bus');
  let last = '';
  return () => {
    const primaries = data.client.nodes('master');
    const others = primaries.filter((node) => nodeKey(node) !== last);
    const candidates = others.length > 0 ? others : primaries;
    const chosen = candidates[Math.floor(random() * candidates.length)];
    if (chosen === undefined) return undefined;
    last = nodeKey(chosen);
    return freshConnection(chosen, 'bus');
  };
}

/** A connection to the same server, which ends for good when it ends. @param role part of its name */
export function freshConnection(node: RedisNode, role: string): RedisNode {
  return node.duplicate({
    connectionName: `${node.options.connectionName ?? 'datapunk-cache'}:${role}`,
    retryStrategy: null,
    sentinelRetryStrategy: null,
    failoverDetector: false,
    enableOfflineQueue: false,
    lazyConnect: true,
    // It asks INFO, which an ACL may deny; whether the server is loading does not matter to a subscription.
    enableReadyCheck: false,
    commandTimeout: COMMAND_MS,
  });
}
