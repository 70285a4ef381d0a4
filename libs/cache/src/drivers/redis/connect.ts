import type { Clock } from '../../core/shared/clock.js';
import type { Random } from '../../core/shared/random.js';
import { guardAsking } from './asking-guard.js';
import { backoff } from './backoff.js';
import { bootCheck, nodesOf } from './boot-check.js';
import { BootWait } from './boot-wait.js';
import { carriersOf } from './carriers.js';
import type { ConnectionLimit } from './connection-limit.js';
import { dataClient, type DataClient } from './data-client.js';
import { DataLink } from './data-link.js';
import { told } from './failure.js';
import { watchNodes } from './node-watch.js';
import { watchPrimaries } from './primaries-watch.js';
import type { RedisConnections, RedisState } from './redis-connections.js';
import type { ResolvedRedis } from './resolved-redis.js';
import { SilenceGuard } from './silence-guard.js';
import { SlotOwners } from './slot-owners.js';
import { Sockets } from './sockets.js';
import { StateListeners } from './state-listeners.js';
import { RedisSubscriber } from './subscriber.js';

export interface RedisContext {
  readonly service: string;
  /** Others whose keys we change and to whose channels we listen: the boot asks for the permission. */
  readonly foreignServices?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Shared by all connections of the application. */
  readonly limit: ConnectionLimit;
  /** Told of every change of state from the beginning: also why a boot that does not need Redis goes on without. */
  readonly tell?: ((state: RedisState) => void) | undefined;
}

/** For commands under way when we close. */
const QUIT_MS = 100;

/**
 * Opens the connections to Redis. They reconnect by themselves, for ever, until they are closed.
 * @throws {CacheConnectionError} when Redis is required and cannot be reached in time or does not let us in.
 * @throws {CacheConfigError} for a server that is not what the options say, a lacking permission, a client that cannot
 * be used, or when ioredis is not installed. Nothing stays open behind either.
 */
export async function connectRedis(redis: ResolvedRedis, context: RedisContext): Promise<RedisConnections> {
  const { link, wait, states, connections } = assemble(redis, context);
  try {
    link.start();
    const failure = await wait.over(connections.address, () => link.failure);
    if (failure !== undefined) states.lost(told(failure));
  } catch (error) {
    await connections.close();
    throw error;
  }
  return connections;
}

/** Puts the parts together; nothing is connected yet. */
function assemble(redis: ResolvedRedis, context: RedisContext) {
  const { service, foreignServices = [], clock, random, limit, tell } = context;
  const sockets = new Sockets(limit, (error) => link.note(error));
  const data = dataClient(redis, { service, timeoutMs: redis.timeoutMs, random, sockets });
  const states = new StateListeners(data.address, tell);
  const wait = new BootWait(redis, clock);
  const carrier = carriersOf(data, random);
  const subscriber = new RedisSubscriber({ clock, carrier, delay: (attempt) => backoff(attempt, random) });
  const link: DataLink = new DataLink({
    client: data.client,
    clock,
    random,
    check: () => bootCheck(data, { service, foreignServices, random, limit, tracking: redis.tracking, carrier }),
    ready: () => {
      wait.ready();
      states.ready();
    },
    lost: (reason) => {
      // Another server may come in the place of this one, where nobody would publish on the old one.
      if (data.kind === 'standalone') subscriber.renew(reason);
      states.lost(reason);
    },
    failed: (failure) => wait.failed(failure),
  });
  if (data.kind === 'cluster') {
    // Behind the link, whose check opens a connection already.
    watchNodes(data.client, random);
    guardAsking(data.client);
  }
  const parts = { clock, data, link, states, subscriber, sockets };
  return { link, wait, states, connections: connectionsOf(parts) };
}

interface Parts {
  readonly clock: Clock;
  readonly data: DataClient;
  readonly link: DataLink;
  readonly states: StateListeners;
  readonly subscriber: RedisSubscriber;
  readonly sockets: Sockets;
}

function connectionsOf({ clock, data, link, states, subscriber, sockets }: Parts): RedisConnections {
  const guard = new SilenceGuard(clock, () => nodesOf(data));
  guard.start();
  const unwatch =
    data.kind === 'cluster'
      ? watchPrimaries(data.client, clock, (reason) => subscriber.renew(reason))
      : () => undefined;
  const shared = {
    subscriber,
    address: data.address,
    isReady: () => link.isReady,
    onState: (listener: (state: RedisState) => void) => states.add(listener),
    close: async () => {
      states.clear();
      guard.stop();
      unwatch();
      subscriber.close();
      link.stop();
      if (link.isReady) await quit(data, clock);
      data.client.disconnect();
      await sockets.close();
    },
  };
  if (data.kind === 'standalone') return { ...shared, kind: 'standalone', data: data.client };
  const owners = new SlotOwners(data.client);
  return { ...shared, kind: 'cluster', data: data.client, ownerOf: (slot) => owners.ownerOf(slot) };
}

/** Lets commands under way end, as far as the server answers at once. */
function quit({ client }: DataClient, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(QUIT_MS, resolve);
    const over = (): void => {
      cancel();
      resolve();
    };
    client.quit().then(over, over);
  });
}
