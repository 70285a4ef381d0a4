import { clusterSettings, nodeSettings, sentinelSettings, type SettingsParts } from './client-settings.js';
import { loadIoredis } from './load-ioredis.js';
import { ownClient } from './own-client.js';
import { nodeKey, type RedisCluster, type RedisLike, type RedisNode } from './redis-client.js';
import type { HostPort } from './redis-option.js';
import type { ClusterRedis, ResolvedRedis, SentinelRedis, StandaloneRedis } from './resolved-redis.js';

/** The client that carries our commands, not connected yet, and what to call it in messages. */
export type DataClient =
  | { readonly kind: 'standalone'; readonly client: RedisNode; readonly address: string }
  | { readonly kind: 'cluster'; readonly client: RedisCluster; readonly address: string };

/**
 * Makes the client of the resolved options.
 * @throws {CacheConfigError} for a client of the application's that cannot be the pattern.
 */
export function dataClient(redis: ResolvedRedis, parts: SettingsParts): DataClient {
  if (redis.kind === 'standalone') return standalone(redis, parts);
  if (redis.kind === 'cluster') return cluster(redis, parts);
  return redis.kind === 'sentinel' ? sentinel(redis, parts) : duplicate(redis.client, parts);
}

function standalone(redis: StandaloneRedis, parts: SettingsParts): DataClient {
  const { host, port, db, family, username, password, tls } = redis;
  const { Redis } = loadIoredis();
  const client = new Redis({ ...nodeSettings(parts), host, port, db, family, username, password, tls });
  return { kind: 'standalone', client, address: shownNode(redis) };
}

function sentinel(redis: SentinelRedis, parts: SettingsParts): DataClient {
  const { sentinels, name, sentinelUsername, sentinelPassword, username, password, tls } = redis;
  const { Redis } = loadIoredis();
  const client = new Redis({
    ...sentinelSettings(parts),
    sentinels,
    name,
    sentinelUsername,
    sentinelPassword,
    username,
    password,
    tls,
    sentinelTLS: tls,
    enableTLSForSentinelMode: tls !== undefined,
  });
  return { kind: 'standalone', client, address: `${name} of the sentinels ${sentinels.map(shownNode).join(', ')}` };
}

function cluster(redis: ClusterRedis, parts: SettingsParts): DataClient {
  const { nodes, username, password, tls } = redis;
  const { Cluster } = loadIoredis();
  const settings = clusterSettings(parts);
  const client = new Cluster(nodes, {
    ...settings,
    redisOptions: { ...nodeSettings(parts), username, password, tls },
    // A certificate names hosts: the name has to reach the socket, not the number behind it.
    ...(tls === undefined ? {} : { dnsLookup: unresolved }),
  });
  return { kind: 'cluster', client, address: nodes.map(shownNode).join(', ') };
}

/** A connection like the application's client, with our settings. Its own carries nothing of ours. */
function duplicate(given: RedisLike, parts: SettingsParts): DataClient {
  const own = ownClient(given);
  if (own.isCluster) {
    const theirs = own.client.options.redisOptions;
    const settings = nodeSettings(parts);
    // Merged here: version 6 merges the options of nodes, version 5 replaces them and would forget the password.
    const redisOptions = { ...theirs, ...settings, Connector: theirs?.Connector ?? settings.Connector };
    const client = own.client.duplicate([], { ...clusterSettings(parts), redisOptions });
    const nodes = own.client.nodes().map(nodeKey).join(', ');
    return { kind: 'cluster', client, address: nodes || 'the cluster of forRoot.redis.client' };
  }
  const { options } = own.client;
  const isSentinel = Array.isArray(options.sentinels);
  const settings = isSentinel ? sentinelSettings(parts) : nodeSettings(parts);
  const client = own.client.duplicate({ ...settings, Connector: options.Connector ?? settings.Connector });
  const address = isSentinel ? 'the primary of the sentinels' : (options.path ?? nodeKey(own.client));
  return { kind: 'standalone', client, address };
}

function unresolved(host: string, done: (error: null, address: string) => void): void {
  done(null, host);
}

function shownNode({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
