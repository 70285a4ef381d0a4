import type { CacheEventType, EventOf } from '../../core/events/cache-event.js';
import { BoundedLabel } from './bounded-label.js';
import type { Labels } from './scraped.js';

/** How a metric is told by events. */
export interface ToldMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly labels: readonly string[];
  /** Of a histogram the bounds, seconds. */
  readonly buckets?: readonly number[] | undefined;
  readonly tellings: readonly Telling[];
}

/** What one type of event says of a metric. */
interface Telling {
  readonly type: CacheEventType;
  /** What it is counted under, and how much: seconds for a histogram. */
  readonly read: (event: never, world: TellingWorld) => readonly (readonly [labels: Labels, value: number])[];
}

export interface TellingWorld {
  /** The named cache of a full key. */
  readonly cacheOf: (key: string) => string;
  /** Keeps the values of a label few. */
  readonly bounded: (label: string, value: string) => string;
}

/** For the labels of one registry. */
export function boundedLabels(): TellingWorld['bounded'] {
  const labels = new Map<string, BoundedLabel>();
  return (label, value) => {
    const known = labels.get(label) ?? new BoundedLabel();
    labels.set(label, known);
    return known.of(value);
  };
}

/** From 0.5 ms to 30 s. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function on<T extends CacheEventType>(
  type: T,
  read: (event: EventOf<T>, world: TellingWorld) => readonly (readonly [labels: Labels, value: number])[],
): Telling {
  return { type, read };
}

const counted = (labels: Labels = {}): readonly (readonly [Labels, number])[] => [[labels, 1]];
const took = (ms: number, labels: Labels = {}): readonly (readonly [Labels, number])[] => [[labels, ms / 1_000]];

export const TOLD: readonly ToldMetric[] = [
  {
    name: 'datapunk_cache_load_duration_seconds',
    help: 'How long runs of loaders took, those that failed too.',
    type: 'histogram',
    labels: ['cache'],
    buckets: BUCKETS,
    tellings: [
      on('loaded', ({ key, ms }, { cacheOf }) => took(ms, { cache: cacheOf(key) })),
      on('load-failed', ({ key, ms }, { cacheOf }) => took(ms, { cache: cacheOf(key) })),
    ],
  },
  {
    name: 'datapunk_cache_stale_served_total',
    help: 'Callers who got a value that was no longer fresh, and why.',
    type: 'counter',
    labels: ['cache', 'reason'],
    tellings: [on('stale-served', ({ key, reason }, { cacheOf }) => counted({ cache: cacheOf(key), reason }))],
  },
  {
    name: 'datapunk_cache_not_stored_total',
    help: 'Values that were loaded and not kept, and why.',
    type: 'counter',
    labels: ['cache', 'reason'],
    tellings: [on('not-stored', ({ key, reason }, { cacheOf }) => counted({ cache: cacheOf(key), reason }))],
  },
  {
    name: 'datapunk_cache_layer_failures_total',
    help: 'Reads and fills of a layer that failed; the callers got the value of the source.',
    type: 'counter',
    labels: ['layer', 'operation'],
    tellings: [on('layer-failed', ({ layer, operation }) => counted({ layer, operation }))],
  },
  {
    name: 'datapunk_cache_overload_refused_total',
    help: 'Operations that were not sent to Redis, because there were more than protection.operations.',
    type: 'counter',
    labels: [],
    tellings: [on('overloaded', ({ refused }) => [[{}, refused]])],
  },
  {
    name: 'datapunk_cache_bus_delay_seconds',
    help: 'How long a message of this process to itself took.',
    type: 'histogram',
    labels: [],
    buckets: BUCKETS,
    tellings: [on('bus-delay', ({ ms }) => took(ms))],
  },
  {
    name: 'datapunk_cache_lock_wait_seconds',
    help: 'How long locks were waited for by those who got them.',
    type: 'histogram',
    labels: [],
    buckets: BUCKETS,
    tellings: [on('locked', ({ waited }) => took(waited))],
  },
  {
    name: 'datapunk_cache_lock_hold_seconds',
    help: 'How long locks were held.',
    type: 'histogram',
    labels: [],
    buckets: BUCKETS,
    tellings: [on('unlocked', ({ held }) => took(held))],
  },
  {
    name: 'datapunk_cache_lock_timeouts_total',
    help: 'Callers who gave up waiting for a lock.',
    type: 'counter',
    labels: [],
    tellings: [on('lock-timeout', () => counted())],
  },
  {
    name: 'datapunk_cache_locks_lost_total',
    help: 'Locks that were lost while they were held.',
    type: 'counter',
    labels: [],
    tellings: [on('lock-lost', () => counted())],
  },
  {
    name: 'datapunk_cache_limit_refusals_total',
    help: 'Requests that a rule refused.',
    type: 'counter',
    labels: ['rule'],
    tellings: [
      on('limited', ({ rules }, { bounded }) => rules.map((rule) => [{ rule: bounded('rule', rule) }, 1] as const)),
    ],
  },
  {
    name: 'datapunk_cache_limit_shadowed_total',
    help: 'Requests that a rule which is only watched would have refused.',
    type: 'counter',
    labels: ['rule'],
    tellings: [on('limit-shadowed', ({ rule }, { bounded }) => counted({ rule: bounded('rule', rule) }))],
  },
  {
    name: 'datapunk_cache_retries_total',
    help: 'Attempts that failed and were followed by another.',
    type: 'counter',
    labels: ['operation'],
    tellings: [on('retried', ({ operation }, { bounded }) => counted({ operation: bounded('operation', operation) }))],
  },
  {
    name: 'datapunk_cache_retries_refused_total',
    help: 'Attempts that failed when the retry budget was used up.',
    type: 'counter',
    labels: ['operation'],
    tellings: [
      on('retry-refused', ({ operation }, { bounded }) => counted({ operation: bounded('operation', operation) })),
    ],
  },
  {
    name: 'datapunk_cache_circuits_opened_total',
    help: 'How often calls of an operation began to fail at once, in this process or in the fleet.',
    type: 'counter',
    labels: ['operation', 'scope'],
    tellings: [
      on('breaker-opened', ({ operation, scope }, { bounded }) =>
        counted({ operation: bounded('operation', operation), scope }),
      ),
    ],
  },
];
