import type { Random } from '../../../core/shared/random.js';
import { nodeSettings, type SettingsParts } from '../client-settings.js';
import { dataClient } from '../data-client.js';
import { loadIoredis } from '../load-ioredis.js';
import { ownClient } from '../own-client.js';
import { nodeKey, type RedisNode } from '../redis-client.js';
import type { HostPort } from '../redis-option.js';
import type { ResolvedRedis } from '../resolved-redis.js';
import type { Sockets } from '../sockets.js';

/** What a connection of the doctor's is made of. */
export interface DoorParts {
  readonly random: Random;
  readonly sockets: Sockets;
  /** For one attempt to connect, ms. */
  readonly patienceMs: number;
}

/** A way to one node; nothing is connected by opening it. */
export interface Door {
  readonly address: string;
  open(parts: DoorParts): RedisNode;
}

/** The ways that the options name. */
export function doorsOf(redis: ResolvedRedis): readonly Door[] {
  if (redis.kind === 'standalone') return [doorTo(redis, redis)];
  if (redis.kind === 'cluster') return redis.nodes.map((node) => doorTo(redis, node));
  const own = redis.kind === 'client' ? ownClient(redis.client) : undefined;
  if (own?.isCluster === true) {
    return own.client.nodes('all').map((node) => ({
      address: nodeKey(node),
      open: (parts) => node.duplicate({ ...once(parts), Connector: node.options.Connector ?? parts.sockets.Connector }),
    }));
  }
  const address = own === undefined ? 'the primary of the sentinels' : nodeKey(own.client);
  return [{ address, open: (parts) => dataClient(redis, settingsParts(parts)).client as RedisNode }];
}

/** Whether other members of a cluster are reached by the addresses that it says of them. */
export function mayFollow(redis: ResolvedRedis): redis is Addressed {
  return redis.kind === 'standalone' || redis.kind === 'cluster';
}

export type Addressed = Extract<ResolvedRedis, { readonly kind: 'standalone' | 'cluster' }>;

/** The way to one address, signed in as at the others. */
export function doorTo(redis: Addressed, { host, port }: HostPort): Door {
  const { username, password, tls } = redis;
  const { db, family } = redis.kind === 'standalone' ? redis : { db: 0, family: 0 };
  return {
    address: `${host}:${port}`,
    open: (parts) => new (loadIoredis().Redis)({ ...once(parts), host, port, db, family, username, password, tls }),
  };
}

/** Connects once, and says nothing by itself but who it is. */
function once(parts: DoorParts): object {
  return {
    ...nodeSettings(settingsParts(parts)),
    connectionName: undefined,
    enableReadyCheck: false,
    retryStrategy: () => null,
    reconnectOnError: () => false,
  };
}

function settingsParts({ random, sockets, patienceMs }: DoorParts): SettingsParts {
  return { service: 'doctor', random, sockets, timeoutMs: patienceMs };
}
