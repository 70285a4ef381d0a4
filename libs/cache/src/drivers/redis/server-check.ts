import type { ConnectionLimit } from './connection-limit.js';
import { failureOf, type Failure } from './failure.js';
import type { RedisCluster, RedisNode } from './redis-client.js';

/** `undefined`: this server can be used as one server. */
export async function checkServer(node: RedisNode): Promise<Failure | undefined> {
  // ioredis only mentions a SELECT that failed, and stays in database 0.
  if (node.options.db) await replyTo(node.call('SELECT', node.options.db));
  const info = fieldsOf(await replyTo(node.call('INFO')));
  if (info.get('cluster_enabled') === '1' || info.get('redis_mode') === 'cluster') return isCluster();
  return info.get('role') === 'slave' ? isReplica() : undefined;
}

/** Data, coordination and what blocks have a connection each to every primary, tracking another; besides, the bus and the slot table. */
const SETS = 3;
const BESIDES = 2;

/** `undefined`: this cluster serves, and we may have as many connections as it takes. */
export async function checkCluster(
  cluster: RedisCluster,
  { limit, tracking }: { readonly limit: ConnectionLimit; readonly tracking: boolean },
): Promise<Failure | undefined> {
  const state = fieldsOf(await replyTo(cluster.call('CLUSTER', 'INFO'))).get('cluster_state');
  const primaries = new Set(cluster.slots.map((nodes) => nodes?.[0])).size;
  const needed = (SETS + (tracking ? 1 : 0)) * primaries + BESIDES;
  if (needed > limit.most) return tooMany(primaries, needed, limit);
  if (state === undefined || state === 'ok') return undefined;
  return {
    kind: 'passing',
    code: 'CLUSTERDOWN',
    what: `the cluster does not serve (cluster_state:${state})`,
    remedy: 'look for slots without a primary: redis-cli --cluster check',
    cause: new Error(`cluster_state:${state}`),
  };
}

function tooMany(primaries: number, needed: number, { most }: ConnectionLimit): Failure {
  return {
    kind: 'config',
    code: 'CONNECTION_LIMIT',
    what: `a cluster of ${primaries} primaries takes up to ${needed} connections of each process, more than ${most}`,
    remedy: `raise forRoot.protection.connections to ${needed} or more`,
    cause: new Error(`connections:${needed}`),
  };
}

/** Some serverless services look like one server and are many: keys of two slots in one command tell. */
export function isCluster(): Failure {
  return {
    kind: 'config',
    code: 'CLUSTER',
    what: 'it is a node of a Redis Cluster, but was given as a single server',
    remedy: "write redis: { nodes: ['host:port', …] }, or pass a Cluster as client",
    cause: new Error('cluster_enabled:1'),
  };
}

function isReplica(): Failure {
  return {
    kind: 'passing',
    code: 'REPLICA',
    what: 'it is a replica and takes no writes',
    remedy: 'write the address of the primary, or its sentinels: { sentinels: […], name }',
    cause: new Error('role:slave'),
  };
}

/** The reply, or nothing where the user may not ask. */
async function replyTo(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((error: unknown) => {
    if (failureOf(error).code !== 'NOPERM') throw error;
  });
}

function fieldsOf(info: unknown): ReadonlyMap<string, string> {
  const lines = typeof info === 'string' ? info.split('\r\n') : [];
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}
