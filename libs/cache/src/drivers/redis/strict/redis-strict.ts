import { CacheConfigError } from '../../../core/errors.js';
import { ANSWER_MS } from '../../../core/layers/layer.js';
import type { StrictPlace } from '../../../core/layers/strict-place.js';
import { ConfirmedCourier } from '../confirmed/confirmed-courier.js';
import { Replicas } from '../confirmed/replicas.js';
import type { Coordination } from '../coordination/coordination.js';
import { entriesThrough, type RedisLayerParts } from '../layer/redis-layer.js';
import { nodeKey, type RedisNode } from '../redis-client.js';
import type { RedisConnections } from '../redis-connections.js';
import { evictionPolicy, infoOf } from '../server-info.js';
import { within } from '../within.js';

/** Policies under which a server may forget that a write is under way. The least recently used is never that. */
const FORGETFUL = /^(?:allkeys-|volatile-(?:ttl|random)$)/;

/**
 * The entries in Redis under `strict`: on the connections that are kept for commands that block, and nothing is answered
 * that all replicas have not confirmed.
 */
export function redisStrict(
  redis: Coordination,
  parts: RedisLayerParts & { readonly away: (key: string) => Error | undefined },
): StrictPlace {
  const replicas = new Replicas(redis, undefined);
  const courier = new ConfirmedCourier(redis, { replicas, away: parts.away });
  return { ...entriesThrough(courier, parts), check: () => checked(redis) };
}

/** @throws {CacheConfigError} where a server cannot keep the promise. One that does not answer is asked by those who need it. */
async function checked(redis: Coordination): Promise<void> {
  const lines = await redis.waiting();
  if (!lines.isReady()) return;
  for (const { node, name } of primariesOf(lines)) {
    await within(redis.clock, ANSWER_MS, checkServer(node, name));
  }
}

async function checkServer(node: RedisNode, name: string): Promise<void> {
  const [replication, memory] = await Promise.all([infoOf(node, 'replication'), infoOf(node, 'memory')]);
  if (/^connected_slaves:0\b/m.test(replication)) {
    throw refused(`the server ${name} has no replica, so nobody could confirm what it says. Add a replica`);
  }
  const policy = evictionPolicy(memory, FORGETFUL);
  if (policy !== undefined) {
    throw refused(
      `the maxmemory-policy of ${name} is '${policy}', so it may forget that a write is under way. Set volatile-lru or noeviction`,
    );
  }
}

/** Connections to nodes of a cluster are opened by their first command; those without slots have nothing to confirm. */
function primariesOf(lines: RedisConnections): readonly { node: RedisNode; name: string }[] {
  if (lines.kind === 'standalone') return [{ node: lines.data, name: lines.address }];
  const owners = new Set(Array.from(lines.data.slots, (nodes) => nodes?.[0]));
  return lines.data
    .nodes('master')
    .map((node) => ({ node, name: nodeKey(node) }))
    .filter(({ name }) => owners.has(name));
}

function refused(why: string): CacheConfigError {
  return new CacheConfigError(`level 'strict': ${why}, or use level 'eventual'.`);
}
