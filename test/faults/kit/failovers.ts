import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { eventually } from '../../support/redis/wait.js';

/** A primary that stood still for so long that a replica took its place, and does not know. */
export interface Zombie {
  readonly zombie: RedisServer;
  readonly successor: RedisServer;
  /** Lets it go on: it answers first what waits in its sockets, and only then hears that it was replaced. */
  readonly wake: () => void;
}

/**
 * SIGSTOPs the primary of a slot until a replica has taken over.
 * @param queue what is sent to the primary while it stands still, on connections that were open before
 */
export async function zombiePrimary(cluster: RedisCluster, slot: number, queue: () => void): Promise<Zombie> {
  const { primary: zombie } = await cluster.nodesOfSlot(slot);
  await zombie.pause();
  queue();
  const successor = await cluster.primaryOtherThan(zombie, slot);
  return { zombie, successor, wake: () => zombie.resume() };
}

/** More than the two sockets between a primary and its replica hold: what is written after it does not arrive. */
const FILL_BYTES = 40 * 1024 * 1024;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** How long replicas may take to have what was written. */
const REPLICATED_MS = 5_000;

/** A primary whose replicas are behind, and stand still. */
export interface Lagging {
  readonly primary: RedisServer;
  /** SIGKILLs the primary and lets the replicas go on; one takes over without what was written since. */
  readonly lose: () => Promise<RedisServer>;
}

/**
 * SIGSTOPs the replicas of a slot and fills their sockets. The primary goes on and confirms writes that it alone has.
 * @param key of that slot; it is overwritten
 */
export async function laggingReplicas(cluster: RedisCluster, key: string): Promise<Lagging> {
  const { primary, replicas, slot } = await cluster.nodesOf(key);
  await outrun(primary, replicas, key);
  return {
    primary,
    lose: async () => {
      await primary.kill();
      for (const replica of replicas) replica.resume();
      return cluster.primaryOtherThan(primary, slot);
    },
  };
}

/** Waits until so many replicas have all that was written before. The key is overwritten. */
export async function replicated(primary: RedisServer, replicas: number, key: string): Promise<void> {
  const wire = await primary.open();
  try {
    await wire.call('SET', key, 'before');
    const arrived = await wire.call('WAIT', replicas, REPLICATED_MS);
    if (arrived !== replicas) throw new Error(`only ${String(arrived)} replicas follow port ${primary.port}`);
  } finally {
    wire.close();
  }
}

/** Stops replicas and fills their sockets: what the primary confirms from now on it has alone. The key is overwritten. */
export async function outrun(primary: RedisServer, replicas: readonly RedisServer[], key: string): Promise<void> {
  for (const replica of replicas) await replica.pause();
  const filler = 'x'.repeat(CHUNK_BYTES);
  for (let sent = 0; sent < FILL_BYTES; sent += CHUNK_BYTES) await primary.call('SET', key, filler);
}

/**
 * Makes the primary keep what it has now on disk, so that it comes back with that after a SIGKILL, whatever it has
 * confirmed since: what periodic snapshots do to everybody who has them.
 */
export async function dump(primary: RedisServer): Promise<void> {
  // A replica that is being given everything holds it up.
  await eventually('it can save', () => primary.call('SAVE').then((said) => said === 'OK', isBusy));
}

/** SIGKILLs a primary and starts it again from its dump, before the others notice, or only after they replaced it. */
export async function restartFromDump(
  cluster: RedisCluster,
  slot: number,
  when: 'at once' | 'after failover',
): Promise<RedisServer> {
  const { primary } = await cluster.nodesOfSlot(slot);
  await primary.kill();
  if (when === 'after failover') await cluster.primaryOtherThan(primary, slot);
  await primary.restart();
  return eventually('the cluster serves the slot', async () => {
    const { primary: now } = await cluster.nodesOfSlot(slot);
    // One that was just started refuses keys for two seconds, though others see it serve.
    return String(await now.call('CLUSTER', 'INFO')).includes('cluster_state:ok') && now;
  });
}

function isBusy(error: unknown): false {
  if (error instanceof Error && error.message.includes('in progress')) return false;
  throw error;
}
