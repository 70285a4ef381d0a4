import type { OperationBudget } from '../../core/protection/operation-budget.js';
import { EventHub } from '../../core/events/event-hub.js';
import type { KeySpace } from '../../core/keys/key-space.js';
import { ConcurrencyLimiter } from '../../core/limits/concurrency.js';
import type { PermitEngine } from '../../core/locks/permit-engine.js';
import { Permits } from '../../core/locks/permits.js';
import { Retries } from '../../core/retries/retries.js';
import type { Clock } from '../../core/shared/clock.js';
import type { Random } from '../../core/shared/random.js';
import { MemoryPermits } from '../../drivers/memory/permits/memory-permits.js';
import type { RedisPlace } from '../../drivers/redis/open-redis.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { RememberedDenials } from '../../core/limits/denials.js';
import { LeasedTokens } from '../../core/limits/leases.js';
import { OutageStore } from '../../core/limits/outage.js';
import type { LockEngine } from '../../core/locks/lock-engine.js';
import { cockatielPolicies } from '../../drivers/cockatiel/cockatiel-policies.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import { MemoryLimitStore } from '../../drivers/memory/limits/memory-limit-store.js';
import { MemoryRetryCoordinator } from '../../drivers/memory/retries/memory-retry-coordinator.js';
import { RedisLimitStore } from '../../drivers/redis/limits/redis-limit-store.js';
import { ConnectionLimit } from '../../drivers/redis/connection-limit.js';
import { independentServers, type IndependentServers } from '../../drivers/redis/independent-servers.js';
import { lockKey } from '../../drivers/redis/locks/lock-key.js';
import { RedisLockEngine } from '../../drivers/redis/locks/redis-lock-engine.js';
import { permitsKey } from '../../drivers/redis/permits/permits-key.js';
import { RedisRetryCoordinator } from '../../drivers/redis/retries/redis-retry-coordinator.js';
import { loadRedlock } from '../../drivers/redlock/load-redlock.js';
import { RedlockEngine } from '../../drivers/redlock/redlock-engine.js';

/** What coordination stands on in this process. */
interface Ground {
  readonly keys: KeySpace;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventHub;
  readonly budget: OperationBudget | undefined;
  /** How long a decision waits for Redis, ms. */
  readonly patience: number;
}

interface World {
  readonly clock: Clock;
  readonly random: Random;
}

/** The servers that vote on locks, where the options name some. */
export async function votersOf(
  { locks, service, protection }: ResolvedOptions,
  { clock, random }: World,
): Promise<IndependentServers | undefined> {
  if (locks.engine !== 'redlock') return undefined;
  const limit = new ConnectionLimit(protection.connections);
  return independentServers(locks.nodes, { service, clock, random, limit });
}

export interface LockPlaces {
  readonly place: RedisPlace | undefined;
  readonly votes: IndependentServers | undefined;
}

export function lockEngine(
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

export function retriesOver(
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
export function limitsOver(
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
export function concurrencyOver(
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
