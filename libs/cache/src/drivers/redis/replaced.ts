import slotOf from 'cluster-key-slot';
import type { Cancel } from '../../core/shared/clock.js';
import { nodeKey, type RedisCluster, type RedisNode } from './redis-client.js';
import type { RedisConnections } from './redis-connections.js';

/** Told of which keys the next answer may come from a server that has not heard of their last changes. Must not throw. */
export type Replaced = (isConcerned: (key: string) => boolean) => void;

/**
 * Tells when a server may have lost what the one before it had confirmed: a replica stands in its place, or it was started
 * again from what it had on disk. Nothing is asked of the server, for no answer of it would rule that out (it keeps its run
 * id through two failovers, and its replication id through a restart): each connection that is lost counts, and each that
 * comes about.
 */
export function watchReplaced(connections: RedisConnections, replaced: Replaced): Cancel {
  if (connections.kind === 'cluster') return watchSlots(connections.data, replaced);
  return connections.onState(() => replaced(() => true));
}

/** In a cluster, by slot. When its table is read, see `watchPrimaries`: every few seconds at least. */
function watchSlots(cluster: RedisCluster, replaced: Replaced): Cancel {
  let owners = ownersOf(cluster);
  const tell = (isConcerned: (owner: string, slot: number) => boolean, among: Owners): void => {
    const slots = new Set<number>();
    for (const [slot, owner] of among.entries()) if (owner !== undefined && isConcerned(owner, slot)) slots.add(slot);
    if (slots.size > 0) replaced((key) => slots.has(slotOf(key)));
  };
  const left = (node: unknown): void => {
    const key = nodeKey(node as RedisNode);
    tell((owner) => owner === key, owners);
  };
  const read = (): void => {
    const before = owners;
    owners = ownersOf(cluster);
    tell((owner, slot) => owner !== owners[slot], before);
  };
  cluster.on('-node', left);
  cluster.on('refresh', read);
  return () => {
    cluster.off('-node', left);
    cluster.off('refresh', read);
  };
}

/** The primary of each slot, as far as it is known. */
type Owners = readonly (string | undefined)[];

function ownersOf(cluster: RedisCluster): Owners {
  return Array.from(cluster.slots, (nodes) => nodes?.[0]);
}
