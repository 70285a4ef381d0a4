import { Cache } from '../core/cache/cache.js';
import { Fleet } from '../core/cache/fleet.js';
import { Flights } from '../core/cache/flights.js';
import { Recovery } from '../core/cache/recovery.js';
import { Rulebook } from '../core/cache/rulebook.js';
import { AssignedVersions } from '../core/coherence/assigned-versions.js';
import { Intents } from '../core/coherence/intents.js';
import { Notices } from '../core/coherence/notices.js';
import { Codecs } from '../core/entry/codec.js';
import type { EventHub } from '../core/events/event-hub.js';
import { KeySpace } from '../core/keys/key-space.js';
import { LayeredStore } from '../core/layers/layered-store.js';
import { BudgetedLayer } from '../core/protection/budgeted-layer.js';
import { OperationBudget } from '../core/protection/operation-budget.js';
import type { Layer } from '../core/layers/layer.js';
import { KeyedMutex } from '../core/locks/keyed-mutex.js';
import type { Clock } from '../core/shared/clock.js';
import type { Random } from '../core/shared/random.js';
import { SystemClock } from '../core/shared/system-clock.js';
import { MessagePackCodec } from '../drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../drivers/codec/tagged-json.js';
import { MemoryLayer } from '../drivers/memory/memory-layer.js';
import { openRedis, type RedisPlace } from '../drivers/redis/open-redis.js';
import type { ResolvedRedis } from '../drivers/redis/resolved-redis.js';
import { ServerClock } from '../drivers/redis/server-clock.js';
import type { ResolvedOptions } from './options/resolve-options.js';
import { asyncLoadScope } from './plans/current-load.js';

/** A save that takes longer may be overtaken by others: its value is not kept. */
const SAVE_TIMEOUT_MS = 10_000;

/** How long `cacheAside` waits for its turn. */
const LOCK_WAIT_MS = 5_000;

/** What a test puts in the place of time and chance. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
}

export const realWorld = (): World => ({ clock: new SystemClock(), random: Math.random });

/** A cache and what it stands on. */
export interface Composition {
  readonly cache: Cache;
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
  const { redis } = options;
  const { clock } = world;
  if (redis === undefined) return over(groundOf(options, { ...world, dates: clock, events }), undefined);
  const dates = new ServerClock(clock, () => ground.versions.forget());
  const ground: Ground = groundOf(options, { ...world, dates, events });
  // Until the bus is heard nothing may be kept in memory.
  ground.notices.deafen();
  return over(ground, await shared(redis, { options, ground, dates }));
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
    hot: new MemoryLayer({ clock: dates, ...options.hot, isPlain, evicted }),
    flights: new Flights() as Cache['parts']['flights'],
    notices,
    intents: new Intents(notices, clock, SAVE_TIMEOUT_MS),
    versions: new AssignedVersions(dates),
    budget: protection.budget && new OperationBudget(protection.budget, { clock, events }),
    mutex: new KeyedMutex(clock, LOCK_WAIT_MS),
    scope: asyncLoadScope,
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
    listener: new Fleet(ground),
    highest: () => ground.versions.highest,
    seen: (assigned) => ground.versions.saw(assigned),
    unreadable: (key, reason) => events.emit({ type: 'unreadable', key, layer: 'shared', reason }),
    state: (now) => {
      const { address } = now;
      if (now.state === 'ready') events.emit({ type: 'redis-ready', address });
      else events.emit({ type: 'redis-lost', address, reason: now.reason });
    },
  });
}

function over({ hot, budget, ...ground }: Ground, place: RedisPlace | undefined): Composition {
  const { keys, events, notices, clock, dates } = ground;
  const below = place === undefined ? [] : [budgeted(place.layer, budget)];
  const store = new LayeredStore({ hot, below, notices, dates });
  const recovery = new Recovery({ keys, events, clock, remove: (id) => store.remove(id) });
  events.on('redis-ready', () => recovery.nudge());
  const cache = new Cache({ ...ground, store, recovery });
  const close = async () => {
    await cache.close();
    await place?.close();
  };
  return { cache, stop: () => recovery.close(), close };
}

function budgeted(layer: Layer, budget: OperationBudget | undefined): Layer {
  return budget === undefined ? layer : new BudgetedLayer(layer, budget);
}
