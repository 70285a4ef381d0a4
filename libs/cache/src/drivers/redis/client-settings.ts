import type { Random } from '../../core/shared/random.js';
import { backoff } from './backoff.js';
import type { Sockets } from './sockets.js';

export interface SettingsParts {
  readonly service: string;
  readonly timeoutMs: number;
  readonly random: Random;
  readonly sockets: Sockets;
}

/** Options of ioredis; not its own type, which would stand in our declarations. */
export type Settings = Readonly<Record<string, unknown>>;

/** For one attempt to connect, TLS included. */
const CONNECT_MS = 3_000;

/** For one reading of the slot table, connection included. */
const SLOTS_MS = 2_000;

/**
 * Settings of every connection of ours, over whatever the user's client says.
 * - Nothing waits for a server that is away: no offline queue, and what was sent fails when its connection ends
 *   (`maxRetriesPerRequest: 0`; without it commands stay pending for ever, with resending on they reach a new server
 *   late and a collector's replies go to the wrong keys).
 * - `protocol: 2`, because then ioredis 5 and 6 and every proxy behave alike; RESP3 needs HELLO, which an ACL may deny.
 * - `autoResubscribe: false`: ioredis drops the promise of its own SUBSCRIBE, which then rejects unhandled.
 */
export function nodeSettings({ service, timeoutMs, random, sockets }: SettingsParts): Settings {
  return {
    connectionName: `datapunk-cache:${service}`,
    Connector: sockets.Connector,
    connectTimeout: Math.min(CONNECT_MS, timeoutMs),
    lazyConnect: true,
    retryStrategy: (attempt: number) => backoff(attempt, random),
    reconnectOnError,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: true,
    enableAutoPipelining: false,
    keepAlive: 10_000,
    noDelay: true,
    protocol: 2,
    replyMapping: 'legacy',
    stringNumbers: false,
    keyPrefix: '',
    readOnly: false,
    monitor: false,
    disableClientInfo: true,
    showFriendlyErrorStack: false,
    commandTimeout: undefined,
    socketTimeout: undefined,
    blockingTimeout: undefined,
    scripts: undefined,
    himportFieldsets: undefined,
  };
}

/**
 * Sentinels have a connector of their own in ioredis. It listens to them for failovers: a primary that was replaced by
 * hand goes on taking writes for ten seconds, all of which are lost.
 */
export function sentinelSettings(parts: SettingsParts): Settings {
  const settings = nodeSettings(parts);
  return {
    ...settings,
    Connector: undefined,
    // How long a socket may stay half-closed; elsewhere our own sockets see to it.
    disconnectTimeout: 100,
    role: 'master',
    failoverDetector: true,
    sentinelCommandTimeout: settings.connectTimeout,
    sentinelRetryStrategy: settings.retryStrategy,
  };
}

/**
 * Settings of a cluster. Its offline queue is on, for the node that is connected on first use: without it all but the
 * first command to such a node fail. What a node queues ends with its connection attempt; what the cluster queues while
 * it has no node at all is dropped at every failed attempt (`DataLink`).
 * - `retryDelayOnFailover: 0`: a command whose connection broke fails; sent again, it could run twice.
 * - `enableReadyCheck: false`: it needs CLUSTER INFO, which an ACL may deny, and then reconnects for ever without a word.
 */
export function clusterSettings(parts: SettingsParts): Settings {
  return {
    redisOptions: nodeSettings(parts),
    lazyConnect: true,
    clusterRetryStrategy: (attempt: number) => backoff(attempt, parts.random),
    // By node: none. A lost node is met again through the slot table.
    clusterNodeRetryStrategy: null,
    scaleReads: 'master',
    keyPrefix: '',
    enableOfflineQueue: true,
    enableReadyCheck: false,
    enableAutoPipelining: false,
    shardedSubscribers: false,
    // Eight times 100 ms end within the second that a call may last.
    maxRedirections: 8,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 100,
    retryDelayOnTryAgain: 100,
    slotsRefreshTimeout: Math.min(SLOTS_MS, parts.timeoutMs),
    // `watchPrimaries` sees to it.
    slotsRefreshInterval: 0,
    scripts: undefined,
    himportFieldsets: undefined,
  };
}

/** A primary that became a replica refuses writes: whoever asks for the address again may be led to the new one. */
function reconnectOnError(error: Error): boolean {
  return error.message.includes('READONLY');
}
