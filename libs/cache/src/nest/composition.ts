import { Cache } from '../core/cache/cache.js';
import { Fleet } from '../core/cache/fleet.js';
import { ForeignWrites } from '../core/cache/foreign-writes.js';
import { Flights } from '../core/cache/flights.js';
import { Recovery } from '../core/cache/recovery.js';
import { Rulebook } from '../core/cache/rulebook.js';
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
import { LayeredStore } from '../core/layers/layered-store.js';
import { withinBudget } from '../core/protection/within-budget.js';
import { OperationBudget } from '../core/protection/operation-budget.js';
import { ConcurrencyLimiter } from '../core/limits/concurrency.js';
import { RememberedDenials } from '../core/limits/denials.js';
import { LeasedTokens } from '../core/limits/leases.js';
import type { LimitStore } from '../core/limits/limit-store.js';
import { OutageStore } from '../core/limits/outage.js';
import { Retries } from '../core/retries/retries.js';
import type { LockEngine } from '../core/locks/lock-engine.js';
import { Leaders } from '../core/locks/leaders.js';
import { Locks } from '../core/locks/locks.js';
import type { PermitEngine } from '../core/locks/permit-engine.js';
import { Permits } from '../core/locks/permits.js';
import type { Clock } from '../core/shared/clock.js';
import type { Random } from '../core/shared/random.js';
import { SystemClock } from '../core/shared/system-clock.js';
import { cockatielPolicies } from '../drivers/cockatiel/cockatiel-policies.js';
import { MessagePackCodec } from '../drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../drivers/codec/tagged-json.js';
import { MemoryLayer } from '../drivers/memory/memory-layer.js';
import { MemoryLockEngine } from '../drivers/memory/locks/memory-lock-engine.js';
import { MemoryPermits } from '../drivers/memory/permits/memory-permits.js';
import { MemoryLimitStore } from '../drivers/memory/limits/memory-limit-store.js';
import { MemoryRetryCoordinator } from '../drivers/memory/retries/memory-retry-coordinator.js';
import { RedisLimitStore } from '../drivers/redis/limits/redis-limit-store.js';
import { ConnectionLimit } from '../drivers/redis/connection-limit.js';
import { independentServers, type IndependentServers } from '../drivers/redis/independent-servers.js';
import { lockKey } from '../drivers/redis/locks/lock-key.js';
import { RedisLockEngine } from '../drivers/redis/locks/redis-lock-engine.js';
import { openRedis, type RedisPlace } from '../drivers/redis/open-redis.js';
import type { ResolvedRedis } from '../drivers/redis/resolved-redis.js';
import { permitsKey } from '../drivers/redis/permits/permits-key.js';
import { RedisPermits } from '../drivers/redis/permits/redis-permits.js';
import { RedisRetryCoordinator } from '../drivers/redis/retries/redis-retry-coordinator.js';
import { ServerClock } from '../drivers/redis/server-clock.js';
import { loadRedlock } from '../drivers/redlock/load-redlock.js';
import { RedlockEngine } from '../drivers/redlock/redlock-engine.js';
import type { ResolvedOptions } from './options/resolve-options.js';
import { asyncLoadScope } from './plans/current-load.js';
import { asyncLockScope } from './plans/current-lock.js';
import { besides } from './transactions/async-transactions.js';

/** What a test puts in the place of time and chance. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
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
    return over(ground, { place, engine: lockEngine(options, world, { place, votes }), votes });
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
  return [ground, await shared(redis, { options, ground, dates })];
}

/** The servers that vote on locks, where the options name some. */
async function votersOf(
  { locks, service, protection }: ResolvedOptions,
  { clock, random }: World,
): Promise<IndependentServers | undefined> {
  if (locks.engine !== 'redlock') return undefined;
  const limit = new ConnectionLimit(protection.connections);
  return independentServers(locks.nodes, { service, clock, random, limit });
}

interface LockPlaces {
  readonly place: RedisPlace | undefined;
  readonly votes: IndependentServers | undefined;
}

function lockEngine(
  { locks, service }: ResolvedOptions,
  { clock, random }: World,
  { place, votes }: LockPlaces,
): LockEngine {
  if (votes !== undefined) {
    const keyOf = (name: string) => lockKey(service, name);
    return new RedlockEngine({ Redlock: loadRedlock(), servers: votes.servers, clock, random, keyOf });
  }
  if (place === undefined) return new MemoryLockEngine(clock);
  return new RedisLockEngine(place.coordination, { replicas: locks.engine === 'redis' ? locks.replicas : undefined });
}

type Ground = ReturnType<typeof groundOf>;

/** What a process has by itself. */
function groundOf(
  options: ResolvedOptions,
  { clock, random, dates, events }: World & { readonly dates: Clock; readonly events: EventHub },
) {
  const { protection } = options;
  const keys = new KeySpace(options.service, options.foreignServices);
  const notices = new Notices();
  const evicted = (id: string, cause: 'size' | 'ttl') => {
    if (events.wants('evicted')) events.emit({ type: 'evicted', key: keys.full(id), layer: 'hot', cause });
  };
  const rules = new Rulebook(keys, options.defaults, options.policies);
  const isPlain = (id: string) => !rules.forKey(id).ownView;
  return {
    keys,
    rules,
    patience: options.limits.patience,
    hot: new MemoryLayer({ clock: dates, ...options.hot, isPlain, evicted }),
    flights: new Flights() as Cache['parts']['flights'],
    notices,
    remembered: new NoticeMemory({ clock, dates }),
    waits: new LoadWaits(clock),
    intents: new Intents(notices, clock, SAVE_MS),
    versions: new AssignedVersions(dates),
    staleness: options.staleness,
    budget: protection.budget && new OperationBudget(protection.budget, { clock, events }),
    scope: asyncLoadScope,
    transactions: besides(options.transactions),
    events,
    clock,
    dates,
    random,
  };
}

interface Shared {
  readonly options: ResolvedOptions;
  readonly ground: Ground;
  readonly dates: ServerClock;
}

/** What the processes of a service have in common. */
function shared(redis: ResolvedRedis, { options, ground, dates }: Shared): Promise<RedisPlace> {
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
    resent: (outcome) => events.emit({ type: 'resent', ...outcome }),
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
  const { remembered } = ground;
  const store = new LayeredStore({ hot, below, notices, dates, headers: asked?.headers, remembered });
  const recovery = new Recovery({ keys, events, clock, remove: (id) => store.remove(id) });
  events.on('redis-ready', () => recovery.nudge());
  const locks = new Locks({ ...ground, engine, scope: asyncLockScope });
  const permitEngine = place === undefined ? new MemoryPermits(clock) : new RedisPermits(place.coordination);
  const permits = new Permits({ engine: permitEngine, clock, events });
  const leaders = new Leaders({ locks, clock, events });
  const renewal = place && new LeaseRenewal(place.fence, clock);
  const fleet = place && asked && renewal && { fence: asked.fence, strict: place.strict, waits, renewal };
  const cache = new Cache({ ...ground, store, fleet, recovery, locks });
  const retries = retriesOver(ground, place);
  const limits = limitsOver({ ...ground, budget }, place);
  const concurrency = concurrencyOver(ground, permitEngine, place !== undefined);
  const close = async () => {
    retries.close();
    locks.close();
    permits.close();
    concurrency.close();
    await limits.close();
    await cache.close();
    await Promise.all([place?.close(), votes?.close()]);
  };
  const stop = async () => {
    cache.samples.close();
    await Promise.all([recovery.close(), leaders.stop()]);
  };
  return { cache, retries, locks, permits, leaders, limits: limits.store, concurrency, stop, close };
}

function retriesOver(
  { clock, random, events }: Pick<Ground, 'clock' | 'random' | 'events'>,
  place: RedisPlace | undefined,
): Retries {
  return new Retries({
    clock,
    random,
    events,
    policies: cockatielPolicies(random),
    coordinator:
      place === undefined ? new MemoryRetryCoordinator(clock) : new RedisRetryCoordinator(place.coordination),
  });
}

/** In Redis: what is remembered here, then what was taken ahead, then the store or what decides without it. */
function limitsOver(
  { clock, events, budget, patience }: Pick<Ground, 'clock' | 'events' | 'budget' | 'patience'>,
  place?: RedisPlace,
) {
  const local = new MemoryLimitStore(clock);
  if (place === undefined) return { store: local, close: async () => undefined };
  const store = new RedisLimitStore(place.coordination, patience);
  const outage = new OutageStore({ store, local, clock, events, budget });
  const leases = new LeasedTokens(outage, clock);
  const close = async () => {
    await leases.close();
    outage.close();
  };
  return { store: new RememberedDenials(leases, clock), close };
}

/** Its permits tell of nothing by themselves: who is let in has no lock. */
function concurrencyOver(
  { keys, clock, events, patience }: Pick<Ground, 'keys' | 'clock' | 'events' | 'patience'>,
  engine: PermitEngine,
  isShared: boolean,
): ConcurrencyLimiter {
  const own = new Permits({ engine, clock, events: new EventHub() });
  const local = isShared ? new Permits({ engine: new MemoryPermits(clock), clock, events: new EventHub() }) : own;
  const shared = isShared ? own : undefined;
  const fullKey = (name: string) => permitsKey(keys.service, name);
  return new ConcurrencyLimiter({ shared, local, clock, events, fullKey, patience });
}
