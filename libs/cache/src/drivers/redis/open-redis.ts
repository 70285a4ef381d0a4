import { randomUUID } from 'node:crypto';
import type { BusListener } from '../../core/coherence/bus.js';
import type { Codecs } from '../../core/entry/codec.js';
import type { Unreadable } from '../../core/entry/envelope.js';
import type { Clock } from '../../core/shared/clock.js';
import type { Random } from '../../core/shared/random.js';
import { noticeHead } from './bus/notice.js';
import { listenToBus } from './bus/redis-bus.js';
import { syncClock } from './clock-sync.js';
import { ConnectionLimit } from './connection-limit.js';
import { connectRedis } from './connect.js';
import { coordination, type Coordination } from './coordination/coordination.js';
import { redisEntries, type RedisEntries } from './layer/redis-layer.js';
import { busChannel } from './names.js';
import type { RedisState } from './redis-connections.js';
import type { ResolvedRedis } from './resolved-redis.js';
import type { ServerClock } from './server-clock.js';
import { within } from './within.js';

export interface OpenRedis {
  readonly service: string;
  /** Other services whose keys we read and change. */
  readonly foreignServices: readonly string[];
  readonly clock: Clock;
  /** Set by the server's answers. */
  readonly dates: ServerClock;
  readonly random: Random;
  /** Connections at a time. */
  readonly connections: number;
  readonly codecs: Codecs;
  /** The full key of an id. */
  readonly fullKey: (id: string) => string;
  readonly listener: BusListener;
  /** The highest assigned version that this process has given or seen. */
  readonly highest: () => number;
  /** Told of every assigned version that the server shows. */
  readonly seen: (assigned: number) => void;
  readonly unreadable: (key: string, reason: Unreadable) => void;
  /** Told whether commands can be sent. */
  readonly state: (state: RedisState) => void;
}

/** How long the boot waits for its subscriptions. */
const HEARING_MS = 1_000;

/** All that Redis gives this process. */
export interface RedisPlace extends RedisEntries {
  /** For locks, limits and retries. */
  readonly coordination: Coordination;
  /** Closes what was opened here; what the application passed in stays as it is. */
  close(): Promise<void>;
}

/**
 * Connects, sets the clock, listens to the bus and gives the shared layer.
 * @throws what `connectRedis` throws; nothing stays open then.
 */
export async function openRedis(redis: ResolvedRedis, open: OpenRedis): Promise<RedisPlace> {
  const { service, foreignServices, clock, dates, random, codecs, listener } = open;
  const limit = new ConnectionLimit(open.connections);
  const connections = await connectRedis(redis, { service, foreignServices, clock, random, limit, tell: open.state });
  const publisher = randomUUID();
  const channels = [service, ...foreignServices].map(busChannel);
  const ear = listenToBus({ subscriber: connections.subscriber, channels, publisher, listener });
  const sync = syncClock(connections, dates, clock);
  // So that the first calls are cached in memory already. A bus that takes longer is waited for by nobody.
  const isHeard = within(clock, HEARING_MS, ear.hears).catch(() => undefined);
  if (connections.isReady()) await Promise.all([sync.firstSample(), isHeard]);
  const own = busChannel(service);
  let told = 0;
  // Entries cannot be dated before the server has said its time.
  const isReady = () => connections.isReady() && dates.isSet;
  const entries = redisEntries(
    { ...connections, isReady },
    {
      clock: dates,
      local: clock,
      codecs,
      fullKey: open.fullKey,
      // An id begins with its service only where that is a foreign one.
      channel: (id) => (id.startsWith('app:') ? busChannel(id.slice(4, id.indexOf(':', 4))) : own),
      notice: (kind) => noticeHead(publisher, ++told, kind),
      highest: open.highest,
      seen: open.seen,
      learn: (...sample) => dates.learn(...sample),
      unreadable: open.unreadable,
    },
  );
  const { subscriber } = connections;
  const coordinated = coordination(redis, { service, clock, dates, random, limit, subscriber });
  const close = async () => {
    ear.close();
    sync.stop();
    await Promise.all([connections.close(), coordinated.close()]);
  };
  return { ...entries, coordination: coordinated, close };
}
