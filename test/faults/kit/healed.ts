import { readSlots, type SlotRange } from '../../support/redis/cluster-view.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { fields } from '../../support/redis/reply.js';
import type { RedisServer } from '../../support/redis/server.js';
import { eventually } from '../../support/redis/wait.js';

/** How long a cluster has to come to itself, ms: a node that was killed gets all keys anew. */
const HEALED_MS = 30_000;

/**
 * Waits until nothing of a fault is left: every node runs, all see the same cluster, which works, every primary has its
 * replicas, and all of them follow.
 * @param replicas of each primary
 */
export async function healed(cluster: RedisCluster, replicas = 1): Promise<void> {
  await eventually('the cluster is whole', () => isWhole(cluster, replicas), HEALED_MS);
}

async function isWhole({ nodes }: RedisCluster, replicas: number): Promise<boolean> {
  if (!nodes.every(({ awake }) => awake)) return false;
  const views = await Promise.all(nodes.map((node) => viewOf(node)));
  const [first] = views;
  return (
    first !== undefined &&
    first.every((range) => range.replicas.length === replicas) &&
    views.every((view) => view !== undefined && shown(view) === shown(first))
  );
}

/** What a node sees that is well; nothing of one that is not. */
async function viewOf(node: RedisServer): Promise<SlotRange[] | undefined> {
  if (fields(await node.call('CLUSTER', 'INFO')).get('cluster_state') !== 'ok') return undefined;
  const said = await node.call('INFO', 'replication');
  const info = fields(said);
  const isFollowed = info.get('role') === 'master' && /^slave\d+:.*state=online/m.test(String(said));
  if (info.get('master_link_status') !== 'up' && !isFollowed) return undefined;
  return readSlots(await node.call('CLUSTER', 'SLOTS'));
}

/** Who serves what, to be compared: nodes tell of it in orders of their own. */
function shown(view: readonly SlotRange[]): string {
  const lines = view.map(({ from, to, primary, replicas }) => [from, to, primary, ...replicas.toSorted()].join(' '));
  return lines.toSorted().join('\n');
}
