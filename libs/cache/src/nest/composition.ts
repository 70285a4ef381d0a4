import { Cache } from '../core/cache/cache.js';
import { Fleet } from '../core/cache/fleet.js';
import { ForeignWrites } from '../core/cache/foreign-writes.js';
import { Flights } from '../core/cache/flights.js';
import { Recovery } from '../core/cache/recovery.js';
import { Rulebook } from '../core/cache/rulebook.js';
import { inTimeLeft as timeLeft } from '../core/cache/second-trip.js';
import { AssignedVersions } from '../core/coherence/assigned-versions.js';
import { SAVE_MS } from '../core/coherence/lease.js';
import { Intents } from '../core/coherence/intents.js';
import { LeaseRenewal } from '../core/coherence/lease-renewal.js';
import { LoadWaits } from '../core/coherence/load-waits.js';
import { NoticeMemory } from '../core/coherence/notice-memory.js';
import { Notices } from '../core/coherence/notices.js';
import { Codecs } from '../core/entry/codec.js';
import { EventHub } from '../core/events/event-hub.js';
import { KeySpace } from '../core/keys/key-space.js';
import type { HotLayer } from '../core/layers/doubts.js';
import { LayeredStore } from '../core/layers/layered-store.js';
import { withinBudget } from '../core/protection/within-budget.js';
import { OperationBudget } from '../core/protection/operation-budget.js';
import { ConcurrencyLimiter } from '../core/limits/concurrency.js';
import type { LimitStore } from '../core/limits/limit-store.js';
import { Retries } from '../core/retries/retries.js';
import type { LockEngine } from '../core/locks/lock-engine.js';
import { Leaders } from '../core/locks/leaders.js';
import { Locks } from '../core/locks/locks.js';
import { Permits } from '../core/locks/permits.js';
import type { Servers } from '../core/servers/server-figures.js';
import type { Clock } from '../core/shared/clock.js';
import type { Random } from '../core/shared/random.js';
import { Counts } from '../core/statistics/counts.js';
import { SystemClock } from '../core/shared/system-clock.js';
import { Tags } from '../core/tags/tags.js';
import { toldOfTags } from '../core/cache/told-of-tags.js';
import { TagStoreToCome } from '../core/tags/tag-store-to-come.js';
import { MessagePackCodec } from '../drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../drivers/codec/tagged-json.js';
import { MemoryLayer } from '../drivers/memory/memory-layer.js';
import { MemoryPermits } from '../drivers/memory/permits/memory-permits.js';
import { MemoryTagStore } from '../drivers/memory/tags/memory-tag-store.js';
import { toldOf } from '../drivers/redis/bus/notice.js';
import { openRedis, type RedisPlace } from '../drivers/redis/open-redis.js';
import type { ResolvedRedis } from '../drivers/redis/resolved-redis.js';
import { RedisPermits } from '../drivers/redis/permits/redis-permits.js';
import { ServerClock } from '../drivers/redis/server-clock.js';
import {
  concurrencyOver,
  limitsOver,
  lockEngine,
  retriesOver,
  votersOf,
  type LockPlaces,
} from './composing/coordination.js';
import type { Interference } from './composing/interference.js';
import type { ResolvedOptions } from './options/resolve-options.js';
import { asyncLoadScope } from './plans/current-load.js';
import { asyncLockScope } from './plans/current-lock.js';
import { besides } from './transactions/async-transactions.js';

/** What a test puts in the place of time and chance. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  /** What a test puts between the cache and its places. */
  readonly faults?: Interference | undefined;
}

export const realWorld = (): World => ({ clock: new SystemClock(), random: Math.random });

/** A cache and what it stands on. */
export interface Composition {
  readonly cache: Cache;
  readonly retries: Retries;
  readonly locks: Locks;
  readonly permits: Permits;
  readonly leaders: Leaders;
  /** Where requests against limits are counted. */
  readonly limits: LimitStore;
  /** Lets so many requests in at a time. */
  readonly concurrency: ConcurrencyLimiter;
  /** `undefined`: embedded. */
  readonly servers: Servers | undefined;
  /** Ends the work in the background, after one last try of what is owed. */
  stop(): Promise<void>;
  /** Gives up memory and connections. */
  close(): Promise<void>;
}

/**
 * Builds the cache from its options: the only place that names drivers.
 * @throws {CacheConnectionError | CacheConfigError} when Redis is asked for and cannot be used; nothing stays open then.
 */
export async function compose(options: ResolvedOptions, world: World, events: EventHub): Promise<Composition> {
  const votes = await votersOf(options, world);
  try {
    const [ground, place] = await placed(options, world, events);
    const composition = over(ground, { place, engine: lockEngine(options, world, { place, votes }), votes });
    // What is kept before that counts as older than all that was ever invalidated.
    await ground.tags.learn(ground.rules.caches);
    return composition;
  } catch (error) {
    await votes?.close();
    throw error;
  }
}

/** What a process has by itself, and what it shares with others; that only where there is a Redis. */
async function placed(
  options: ResolvedOptions,
  world: World,
  events: EventHub,
): Promise<readonly [Ground, RedisPlace | undefined]> {
  const { redis } = options;
  const { clock } = world;
  if (redis === undefined) return [groundOf(options, { ...world, dates: clock, events }), undefined];
  const dates = new ServerClock(clock, () => ground.versions.forget());
  const ground: Ground = groundOf(options, { ...world, dates, events });
  // Until the bus is heard nothing may be kept in memory.
  ground.notices.deafen();
  const place = await shared(redis, { options, ground, dates, faults: world.faults });
  return [ground, world.faults?.place(place, { clock, fullKey: (id) => ground.keys.full(id) }) ?? place];
}

type Ground = ReturnType<typeof groundOf>;

/** What a process has by itself. */
function groundOf(
  options: ResolvedOptions,
  { faults, ...own }: World & { readonly dates: Clock; readonly events: EventHub },
) {
  const { clock, dates, events } = own;
  const { protection } = options;
  const keys = new KeySpace(options.service, options.foreignServices);
  const notices = new Notices();
  const rules = new Rulebook(keys, options.defaults, options.policies);
  const counts = new Counts((id) => rules.cacheOf(id));
  const { memory, tags, tagStore } = memoryOf(options, { keys, rules, notices, events, counts, clock, dates });
  return {
    keys,
    rules,
    counts,
    patience: options.limits.patience,
    hot: faults?.memory(memory, { clock, fullKey: (id) => keys.full(id) }) ?? memory,
    flights: new Flights() as Cache['parts']['flights'],
    notices,
    remembered: new NoticeMemory({ clock, dates }),
    tags,
    tagStore,
    waits: new LoadWaits(clock),
    intents: new Intents(notices, clock, SAVE_MS),
    versions: new AssignedVersions(dates),
    staleness: options.staleness,
    sharedPatience: protection.patience,
    maxRefreshes: protection.refreshes,
    budget: protection.budget && new OperationBudget(protection.budget, { clock, events }),
    scope: asyncLoadScope,
    transactions: besides(options.transactions),
    ...own,
  };
}

type OfMemory = Pick<Cache['parts'], 'keys' | 'rules' | 'notices' | 'events' | 'counts' | 'clock' | 'dates'>;

/** This process's memory, and what it knows of tags. */
function memoryOf(options: ResolvedOptions, { keys, rules, notices, events, counts, clock, dates }: OfMemory) {
  const { service } = options;
  const tagStore = new TagStoreToCome();
  const cacheOf = (id: string) => rules.cacheOf(id);
  const cleared = (): void => memory.recheck();
  const heard = toldOfTags({ counts, events });
  const tags: Tags = new Tags({ store: tagStore, service, notices, cacheOf, clock, cleared, heard });
  const evicted = (id: string, cause: 'size' | 'ttl') => {
    counts.of(id)[cause] += 1;
    if (events.wants('evicted')) events.emit({ type: 'evicted', key: keys.full(id), layer: 'hot', cause });
  };
  const isPlain = (id: string) => !rules.forKey(id).ownView;
  // Where memory is all there is, whoever stores is told.
  const refused = (id: string) => {
    if (options.redis === undefined) return;
    events.emit({ type: 'not-stored', key: keys.full(id), reason: 'too-large', layer: 'hot' });
  };
  const memory: HotLayer = new MemoryLayer({ clock: dates, ...options.hot, isPlain, evicted, refused, tags, counts });
  return { memory, tags, tagStore };
}

interface Shared {
  readonly options: ResolvedOptions;
  readonly ground: Ground;
  readonly dates: ServerClock;
  readonly faults: Interference | undefined;
}

/** What the processes of a service have in common. */
function shared(redis: ResolvedRedis, { options, ground, dates, faults }: Shared): Promise<RedisPlace> {
  const { keys, events, clock, random } = ground;
  return openRedis(redis, {
    service: options.service,
    foreignServices: options.foreignServices,
    connections: options.protection.connections,
    clock,
    dates,
    random,
    codecs: new Codecs([new MessagePackCodec(), new TaggedJsonCodec()]),
    fullKey: (id) => keys.full(id),
    listener: new Fleet({ ...ground, maxBlind: options.maxBlind }),
    foreignWrites: (leases) => new ForeignWrites({ ...ground, leases }),
    highest: () => ground.versions.highest,
    seen: (assigned) => ground.versions.saw(assigned),
    changed: (id, assigned) => ground.remembered.note(id, assigned),
    patience: options.protection.patience,
    breaker: options.protection.breaker,
    breakerState: ({ state, node }) => events.emit({ type: `shared-breaker-${state}`, node }),
    resent: (outcome) => events.emit({ type: 'resent', ...outcome }),
    carrying: faults && ((carrier) => faults.carrier(carrier, clock)),
    received: faults && ((key, bytes) => faults.received(key, bytes)),
    overhear: faults && ((ear) => faults.ear(ear, { clock, toldOf })),
    unreadable: (key, reason) => events.emit({ type: 'unreadable', key, layer: 'shared', reason }),
    state: (now) => {
      const { address } = now;
      if (now.state === 'ready') events.emit({ type: 'redis-ready', address });
      else events.emit({ type: 'redis-lost', address, reason: now.reason });
    },
  });
}

interface Places extends LockPlaces {
  readonly engine: LockEngine;
}

function over({ hot, budget, waits, ...ground }: Ground, { place, engine, votes }: Places): Composition {
  const { keys, events, notices, clock, dates } = ground;
  const asked = place && withinBudget(place, budget);
  const below = asked === undefined ? [] : [asked.layer];
  const { remembered, tags } = ground;
  ground.tagStore.come(place?.tags ?? new MemoryTagStore(clock));
  const localTtl = (id: string) => ground.rules.localTtl(id);
  const inTimeLeft = <T>(id: string, trip: Promise<T>, spent: number) => timeLeft({ id, trip, spent }, ground);
  const headers = asked?.headers;
  const store = new LayeredStore({ hot, below, notices, dates, headers, remembered, localTtl, tags, inTimeLeft });
  const recovery = new Recovery({ keys, events, clock, remove: (id) => store.remove(id) });
  const locks = new Locks({ ...ground, engine, scope: asyncLockScope });
  const permitEngine = place === undefined ? new MemoryPermits(clock) : new RedisPermits(place.coordination);
  const permits = new Permits({ engine: permitEngine, clock, events });
  const leaders = new Leaders({ locks, clock, events });
  const renewal = place && new LeaseRenewal(place.fence, clock);
  const fleet = place && asked && renewal && { fence: asked.fence, strict: place.strict, waits, renewal };
  const locksAnswer = votes === undefined && asked ? (id: string) => asked.headers.header(id) : undefined;
  const cache = new Cache({ ...ground, store, fleet, recovery, locks, locksAnswer });
  events.on('redis-ready', () => cache.makeUp());
  events.on('shared-breaker-closed', () => cache.makeUp());
  const retries = retriesOver(ground, place);
  const limits = limitsOver({ ...ground, budget }, place);
  const concurrency = concurrencyOver(ground, permitEngine, place !== undefined);
  const close = async () => {
    retries.close();
    locks.close();
    permits.close();
    concurrency.close();
    tags.close();
    await limits.close();
    await cache.close();
    await Promise.all([place?.close(), votes?.close()]);
  };
  const stop = async () => {
    await Promise.all([cache.stop(), leaders.stop()]);
  };
  const services = { cache, retries, locks, permits, leaders, limits: limits.store, concurrency };
  return { ...services, servers: place?.servers, stop, close };
}
