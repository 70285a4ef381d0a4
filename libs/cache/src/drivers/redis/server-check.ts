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

/** `undefined`: this cluster serves. */
export async function checkCluster(cluster: RedisCluster): Promise<Failure | undefined> {
  const state = fieldsOf(await replyTo(cluster.call('CLUSTER', 'INFO'))).get('cluster_state');
  if (state === undefined || state === 'ok') return undefined;
  return {
    kind: 'passing',
    code: 'CLUSTERDOWN',
    what: `the cluster does not serve (cluster_state:${state})`,
    remedy: 'look for slots without a primary: redis-cli --cluster check',
    cause: new Error(`cluster_state:${state}`),
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
