import { EVENT_TYPES, type CacheEvent } from '../../libs/cache/src/core/events/cache-event.js';
import { EventHub } from '../../libs/cache/src/core/events/event-hub.js';
import type { Attempt } from '../../libs/cache/src/core/retries/attempt.js';
import { Retries } from '../../libs/cache/src/core/retries/retries.js';
import type { RetryCoordinator } from '../../libs/cache/src/core/retries/retry-coordinator.js';
import { resolveRetryPolicy, type RetryOptions } from '../../libs/cache/src/core/retries/retry-policy.js';
import type { Clock } from '../../libs/cache/src/core/shared/clock.js';
import type { Random } from '../../libs/cache/src/core/shared/random.js';
import { cockatielPolicies } from '../../libs/cache/src/drivers/cockatiel/cockatiel-policies.js';

/** The retries of one process, and what they told. */
export interface RetryProcess {
  readonly retries: Retries;
  readonly told: CacheEvent[];
  /** Calls operation `rates`. */
  readonly call: <T>(work: (attempt: Attempt) => PromiseLike<T> | T, options?: RetryOptions) => Promise<T>;
}

interface ProcessParts {
  readonly clock: Clock;
  readonly coordinator: RetryCoordinator;
  readonly random?: Random;
}

export function retryProcess({ clock, coordinator, random = Math.random }: ProcessParts): RetryProcess {
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of EVENT_TYPES) events.on(type, (event) => told.push(event));
  const retries = new Retries({ clock, random, events, policies: cockatielPolicies(random), coordinator });
  return {
    retries,
    told,
    call: (work, { signal, ...policy } = {}) =>
      retries.run({ operation: 'rates', work, policy: resolveRetryPolicy(policy, 'retry'), signal }),
  };
}

/** Pseudo-random numbers that are the same on every run (mulberry32, Tommy Ettinger 2017). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
