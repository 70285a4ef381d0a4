import { EventHub } from '../../../libs/cache/src/core/events/event-hub.js';
import { CircuitOpenError } from '../../../libs/cache/src/core/errors.js';
import { Retries } from '../../../libs/cache/src/core/retries/retries.js';
import { resolveRetryPolicy, type RetryPolicy } from '../../../libs/cache/src/core/retries/retry-policy.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { cockatielPolicies } from '../../../libs/cache/src/drivers/cockatiel/cockatiel-policies.js';
import { RedisRetryCoordinator } from '../../../libs/cache/src/drivers/redis/retries/redis-retry-coordinator.js';
import { openCoordination } from '../../support/redis/open-coordination.js';

export interface RetryAppOptions {
  readonly url: string;
  readonly service: string;
  readonly policy: RetryPolicy;
  /** Calls a second. */
  readonly rate: number;
  /** Every retry is paid for: what would be without a budget. */
  readonly isUnlimited?: boolean;
}

/** What one process has done since it was last asked. */
export interface RetryCounts {
  readonly requests: number;
  /** Calls that reached the backend. */
  readonly sent: number;
  readonly refused: number;
  /** When calls reached the backend: the last of them, ms since the epoch. */
  readonly sentAt: readonly number[];
  /** `breaker-opened fleet`, and when. */
  readonly told: readonly (readonly [what: string, at: number])[];
  /** The longest that a call which was not made again took beside its backend, ms. */
  readonly slowest: number;
}

const TICK_MS = 10;

/** A process that calls a backend at a steady rate, from `begin` to `halt`. */
export function start() {
  let counts = none();
  let isSick = false;
  let halt = async (): Promise<void> => undefined;

  const begin = async (options: RetryAppOptions): Promise<void> => {
    const clock = new SystemClock();
    const { retries, events, close } = await opened(options, clock);
    const policy = resolveRetryPolicy(options.policy, 'policy');
    for (const type of ['breaker-opened', 'breaker-closed'] as const) {
      events.on(type, ({ scope }) => counts.told.push([`${type} ${scope}`, Date.now()]));
    }
    const work = () => {
      counts.sent += 1;
      counts.sentAt.push(Date.now());
      return isSick ? Promise.reject(new Error('down')) : Promise.resolve('up');
    };
    const call = async () => {
      counts.requests += 1;
      const began = performance.now();
      try {
        await retries.run({ operation: 'backend', work, policy, signal: undefined });
      } catch (error) {
        if (!(error instanceof CircuitOpenError)) return;
        counts.refused += 1;
      }
      counts.slowest = Math.max(counts.slowest, performance.now() - began);
    };
    let due = 0;
    const timer = setInterval(() => {
      for (due += (options.rate * TICK_MS) / 1_000; due >= 1; due -= 1) void call();
    }, TICK_MS);
    isSick = false;
    halt = async () => {
      clearInterval(timer);
      retries.close();
      await close();
    };
  };

  return {
    begin,
    halt: () => halt(),
    become: (state: 'sick' | 'well') => (isSick = state === 'sick'),
    take: (): RetryCounts => {
      const taken = counts;
      counts = none();
      return taken;
    },
  };
}

const none = () => ({
  requests: 0,
  sent: 0,
  refused: 0,
  sentAt: [] as number[],
  told: [] as (readonly [string, number])[],
  slowest: 0,
});

async function opened({ url, service, isUnlimited = false }: RetryAppOptions, clock: SystemClock) {
  const coordinated = await openCoordination(url, { service, clock });
  const redis = new RedisRetryCoordinator(coordinated);
  const unlimited = { report: async () => ({ ...UNLIMITED, epoch: 1 }) };
  const events = new EventHub();
  const policies = cockatielPolicies(Math.random);
  const coordinator = isUnlimited ? unlimited : redis;
  const retries = new Retries({ clock, random: Math.random, events, policies, coordinator });
  return { retries, events, close: () => coordinated.close() };
}

const UNLIMITED = { tokens: 1_000_000, isOpen: false, mayProbe: false, probeIn: 0, voters: 0, failing: 0 };
