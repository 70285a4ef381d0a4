import type { Unsubscribe } from '../../core/events/event-hub.js';
import type { RedisCluster, RedisNode } from './redis-client.js';
import type { SlotOwner } from './slot-owners.js';
import type { RedisSubscriber } from './subscriber.js';

/** `lost`: no command can be sent; `reason` is such as `ECONNREFUSED: nothing listens there`. */
export type RedisState =
  | { readonly state: 'ready'; readonly address: string }
  | { readonly state: 'lost'; readonly address: string; readonly reason: string };

interface Shared {
  /** Subscriptions, on a connection of their own. */
  readonly subscriber: RedisSubscriber;
  /** Where it leads to, for messages: `127.0.0.1:6379`. Holds no password. */
  readonly address: string;
  /** Whether commands may be sent. Ask before sending: on a cluster that is away they wait for a reconnection attempt. */
  isReady(): boolean;
  /** Tells every change until the returned function is called; not the state at the time. Must not throw. */
  onState(listener: (state: RedisState) => void): Unsubscribe;
  /** Closes all that was opened here, without waiting for a server that does not answer. */
  close(): Promise<void>;
}

/** One server, be it named by an address or by sentinels. */
export interface ServerConnections extends Shared {
  readonly kind: 'standalone';
  readonly data: RedisNode;
}

export interface ClusterConnections extends Shared {
  readonly kind: 'cluster';
  /** Follows redirects and opens connections to nodes on first use. */
  readonly data: RedisCluster;
  /** See `SlotOwners`. */
  ownerOf(slot: number): SlotOwner | undefined;
}

/** Everything through which this process talks to Redis. */
export type RedisConnections = ServerConnections | ClusterConnections;
