import type { BusListener } from '../../core/coherence/bus.js';
import { JointHearing, type Hearing } from '../../core/coherence/joint-hearing.js';
import type { LeaseLook } from '../../core/coherence/lease.js';
import { NoticeMemory } from '../../core/coherence/notice-memory.js';
import { Resends, type Resent } from '../../core/coherence/resends.js';
import type { Codecs } from '../../core/entry/codec.js';
import type { Unreadable } from '../../core/entry/envelope.js';
import type { StrictPlace } from '../../core/layers/strict-place.js';
import type { BreakerRules } from '../../core/protection/breaker.js';
import type { Servers } from '../../core/servers/server-figures.js';
import type { Clock } from '../../core/shared/clock.js';
import type { TagStore } from '../../core/tags/tag-store.js';
import type { Random } from '../../core/shared/random.js';
import type { Announce } from './bus/announcements.js';
import { openBus } from './bus/open-bus.js';
import { Courier } from './calls/courier.js';
import { NodeBreakers, type NodeBreakersParts } from './calls/node-breakers.js';
import { NotAnswering, NotReady } from './calls/not-ready.js';
import { syncClock } from './clock-sync.js';
import { ConnectionLimit } from './connection-limit.js';
import { connectRedis } from './connect.js';
import { coordination, type Coordination } from './coordination/coordination.js';
import { redisEntries, type RedisEntries, type RedisLayerParts } from './layer/redis-layer.js';
import { RedisServers } from './monitoring/redis-servers.js';
import { busChannel } from './names.js';
import type { RedisConnections, RedisState } from './redis-connections.js';
import { watchReplaced } from './replaced.js';
import type { ResolvedRedis } from './resolved-redis.js';
import type { ServerClock } from './server-clock.js';
import type { Ear } from './subscriber.js';
import type { TrackingListener } from './tracking/server-tracking.js';
import { openTracking } from './tracking/tracking.js';
import { redisStrict } from './strict/redis-strict.js';
import { againOfTags, isOfTags, keyOfTags } from './tags/lost-tags.js';
import { RedisTagStore } from './tags/redis-tag-store.js';
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
  /** Makes who is told of every key that anybody touches; where the options want that. */
  readonly foreignWrites: (leases: LeaseLook) => Pick<TrackingListener, 'touched'>;
  /** The highest assigned version that this process has given or seen. */
  readonly highest: () => number;
  /** Told of every assigned version that the server shows. */
  readonly seen: (assigned: number) => void;
  /** Told of the version that a change of this process has given an id. */
  readonly changed: (id: string, assigned: number) => void;
  /** Told what came of making changes again, after a server was replaced that had confirmed them. */
  readonly resent: (outcome: Resent) => void;
  readonly unreadable: (key: string, reason: Unreadable) => void;
  /** What a caller waits who can do without the answer, ms. */
  readonly patience: number;
  /** `undefined`: nodes that do not answer are asked all the same. */
  readonly breaker: BreakerRules | undefined;
  /** Told whether a node of Redis is asked. */
  readonly breakerState: NodeBreakersParts['tell'];
  /** Told whether commands can be sent. */
  readonly state: (state: RedisState) => void;
  /** What a test puts before Redis, the bytes of entries and the bus. */
  readonly carrying?: RedisLayerParts['carrying'];
  readonly received?: RedisLayerParts['received'];
  readonly overhear?: ((ear: Ear) => Ear) | undefined;
}

/** How long the boot waits for its subscriptions. */
const HEARING_MS = 1_000;

/** All that Redis gives this process. */
export interface RedisPlace extends RedisEntries {
  /** For locks, limits and retries. */
  readonly coordination: Coordination;
  /** The same entries under level `strict`. */
  readonly strict: StrictPlace;
  /** What was done to tags. */
  readonly tags: TagStore;
  readonly servers: Servers;
  /** Closes what was opened here; what the application passed in stays as it is. */
  close(): Promise<void>;
}

/**
 * Connects, sets the clock, listens to the bus and gives the shared layer.
 * @throws what `connectRedis` throws; nothing stays open then.
 */
export async function openRedis(redis: ResolvedRedis, open: OpenRedis): Promise<RedisPlace> {
  const { service, foreignServices, clock, dates, random, listener } = open;
  const limit = new ConnectionLimit(open.connections);
  const connections = await connectRedis(redis, { service, foreignServices, clock, random, limit, tell: open.state });
  const breakers = breakersOf(connections, open);
  const joint = new JointHearing(listener);
  const busEar = joint.source();
  const ear = redis.tracking ? joint.source() : undefined;
  const heard = { ...connections, subscriber: open.overhear?.(connections.subscriber) ?? connections.subscriber };
  const bus = openBus({ connections: heard, service, foreignServices, clock, listener: overheard(listener, busEar) });
  const sync = syncClock(connections, dates, clock);
  // Entries cannot be dated before the server has said its time.
  const isReady = () => connections.isReady() && dates.isSet;
  const changes = new NoticeMemory({ clock, dates });
  const parts = { ...layerParts(open, changes, bus.announce), patience: open.patience, breakers };
  const lines = { ...connections, isReady };
  const entries = redisEntries(lines, parts);
  const tags = tagsOver(new Courier(lines, parts), { ...open, changes, announce: bus.announce });
  const stopResends = resendsOf(connections, { ...entries, tags }, { ...open, changes });
  const tracking = ear && openTracking({ ...open, connections, listener: touches(open, entries.headers, ear) });
  // So that the first calls are cached in memory already. What takes longer is waited for by nobody.
  const isHeard = within(clock, HEARING_MS, Promise.all([bus.hears, tracking?.hears])).catch(() => undefined);
  if (connections.isReady()) await Promise.all([sync.firstSample(), isHeard]);
  const coordinated = coordination(redis, { ...open, limit, subscriber: connections.subscriber });
  const close = async () => {
    sync.stop();
    breakers?.stop();
    stopResends();
    tracking?.close();
    await bus.close();
    await Promise.all([connections.close(), coordinated.close()]);
  };
  const away = (key: string) => {
    if (!dates.isSet) return new NotReady();
    return breakers?.refuses(key) === true ? new NotAnswering() : undefined;
  };
  const strict = redisStrict(coordinated, { ...parts, away });
  return { ...entries, tags, strict, servers: new RedisServers(connections, clock), coordination: coordinated, close };
}

/** A connection that was made anew leads to somebody who answers, as a rule. */
function breakersOf(places: RedisConnections, { breaker, clock, breakerState }: OpenRedis): NodeBreakers | undefined {
  const breakers = breaker && new NodeBreakers({ rules: breaker, clock, places, tell: breakerState });
  if (breakers !== undefined) places.onState(({ state }) => state === 'ready' && breakers.probe());
  return breakers;
}

interface Tagging extends Pick<OpenRedis, 'service'> {
  readonly changes: NoticeMemory;
  readonly announce: Announce;
}

function tagsOver(courier: Courier, { service, changes, announce }: Tagging): RedisTagStore {
  const changed = (text: string, number: number): void => changes.note(text, number);
  return new RedisTagStore({ courier, service, channel: busChannel(service), announce, changed });
}

interface Resending extends Pick<OpenRedis, 'service' | 'clock' | 'fullKey' | 'resent'> {
  readonly changes: NoticeMemory;
}

/** Makes changes again where a server that confirmed them was replaced. */
function resendsOf(
  connections: RedisConnections,
  { headers, fence, tags }: RedisEntries & { readonly tags: RedisTagStore },
  { service, clock, fullKey, changes, resent }: Resending,
): () => void {
  const again = async (id: string, assigned: number): Promise<boolean> => {
    if (isOfTags(id)) return againOfTags({ store: tags, service }, id, assigned);
    // Most changes are there: a look costs nobody a message.
    const there = await headers.assigned(id);
    return there > 0 && there < assigned && (await fence.revoke(id, assigned));
  };
  const resends = new Resends({ clock, changes, again, done: resent });
  const keyOf = (id: string): string => (isOfTags(id) ? keyOfTags(id) : fullKey(id));
  const unwatch = watchReplaced(connections, (isConcerned) => resends.begin((id) => isConcerned(keyOf(id))));
  return () => {
    unwatch();
    resends.close();
  };
}

function layerParts(open: OpenRedis, changes: NoticeMemory, announce: Announce): RedisLayerParts {
  const { service, clock, dates, codecs, fullKey, highest, seen, unreadable } = open;
  return {
    clock: dates,
    local: clock,
    codecs,
    fullKey,
    channel: channelsOf(service),
    announce,
    highest,
    seen,
    changed: (id, assigned) => {
      open.changed(id, assigned);
      changes.note(id, assigned);
    },
    learn: (...sample) => dates.learn(...sample),
    unreadable,
    received: open.received,
    carrying: open.carrying,
  };
}

/** Where changes of an id are told. An id begins with its service only where that is a foreign one. */
function channelsOf(service: string): (id: string) => string {
  const own = busChannel(service);
  return (id) => (id.startsWith('app:') ? busChannel(id.slice(4, id.indexOf(':', 4))) : own);
}

/** Who is told what other programs do. */
function touches({ listener, foreignWrites }: OpenRedis, leases: LeaseLook, ear: Hearing): TrackingListener {
  const writes = foreignWrites(leases);
  return { ...ear, touched: (key) => writes.touched(key), allTouched: () => listener.doubts() };
}

/** The listener, told by the ear whether it hears. */
function overheard(listener: BusListener, ear: Hearing): BusListener {
  return {
    heard: (notice) => listener.heard(notice),
    loaded: (key, news) => listener.loaded(key, news),
    doubts: (gap) => listener.doubts(gap),
    delayed: (ms) => listener.delayed?.(ms),
    ...ear,
  };
}
