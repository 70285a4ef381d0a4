import type { AlertName, AlertSeverity } from '../../core/events/alert.js';
import { fillOf, isAway } from '../../core/servers/server-figures.js';
import type { Sample, Samples } from './sample.js';

/** What counts as too much, or too little. */
export interface AlertLimits {
  readonly hitRatio: number;
  readonly memory: number;
  readonly evictions: number;
}

/** Something that somebody should look at, while its value is past its limit. */
export interface AlertRule {
  readonly name: AlertName;
  readonly severity: AlertSeverity;
  readonly limitOf: (limits: AlertLimits) => number;
  /** Nothing where there is nothing to judge by. */
  readonly valueOf: (samples: Samples) => number | undefined;
  readonly isPast: (value: number, limit: number) => boolean;
  /** What is the matter, as a sentence. */
  readonly say: (value: number, limit: number) => string;
}

/** Reads by which a hit ratio is judged at least. */
const FEW_READS = 100;
/** Comparisons by which staleness is judged at least. */
const FEW_COMPARISONS = 20;
/** Evictions are counted over this time, ms: a burst of seconds is nobody's trouble. */
const MINUTE_MS = 60_000;
/** Of the memory a server may use, this is where one should begin to think. */
const FILLING = 0.75;

const above = (value: number, limit: number): boolean => value > limit;
const below = (value: number, limit: number): boolean => value < limit;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** How much a count has risen in the window. */
function risen(samples: Samples, count: (sample: Sample) => number): number | undefined {
  const { first, last } = samples;
  return first === undefined || last === undefined ? undefined : count(last) - count(first);
}

function hitRatio(samples: Samples): number | undefined {
  const hits = risen(samples, ({ statistics: { hits: by } }) => by.hot + by.shared) ?? 0;
  const misses = risen(samples, ({ statistics }) => statistics.misses) ?? 0;
  return hits + misses < FEW_READS ? undefined : hits / (hits + misses);
}

/** The fullest server. */
function fill({ last }: Samples): number | undefined {
  const fills = (last?.servers ?? []).flatMap((server) => (isAway(server) ? [] : (fillOf(server) ?? [])));
  return fills.length === 0 ? undefined : Math.max(...fills);
}

/** A second, of all servers that answered both times; one that was started anew counts from then. */
function evictions(samples: Samples): number | undefined {
  const [from, to] = [samples.before(MINUTE_MS), samples.last];
  if (from === undefined || to === undefined || to.at === from.at) return undefined;
  const before = evictedBy(from);
  let count = 0;
  for (const [address, evicted] of evictedBy(to)) {
    const known = before.get(address);
    if (known !== undefined) count += evicted < known ? evicted : evicted - known;
  }
  return (count * 1_000) / (to.at - from.at);
}

function evictedBy({ servers }: Sample): ReadonlyMap<string, number> {
  return new Map(
    servers.flatMap((server) =>
      isAway(server) || server.evictedKeys === undefined ? [] : [[server.address, server.evictedKeys] as const],
    ),
  );
}

function staleShare(samples: Samples): number | undefined {
  const compared = risen(samples, (sample) => sample.compared) ?? 0;
  return compared < FEW_COMPARISONS ? undefined : (risen(samples, ({ stale }) => stale) ?? 0) / compared;
}

/** How long Redis has been away, seconds; 0: it is there. */
function away({ last }: Samples): number | undefined {
  return last && (last.awaySince === undefined ? 0 : (last.at - last.awaySince) / 1_000);
}

/** The first three are the standard's; deploy/prometheus/alerts.yml says the same to Prometheus. */
export const ALERT_RULES: readonly AlertRule[] = [
  {
    name: 'low-hit-ratio',
    severity: 'warning',
    limitOf: (limits) => limits.hitRatio,
    valueOf: hitRatio,
    isPast: below,
    say: (value, limit) => `Of the reads ${percent(value)} were hits, less than ${percent(limit)}.`,
  },
  {
    name: 'high-memory',
    severity: 'critical',
    limitOf: (limits) => limits.memory,
    valueOf: fill,
    isPast: above,
    say: (value, limit) => `A server of Redis uses ${percent(value)} of its maxmemory, more than ${percent(limit)}.`,
  },
  {
    name: 'high-evictions',
    severity: 'warning',
    limitOf: (limits) => limits.evictions,
    valueOf: evictions,
    isPast: above,
    say: (value, limit) => `Redis evicts ${Math.round(value)} keys a second, more than ${limit}.`,
  },
  {
    name: 'memory-filling',
    severity: 'warning',
    limitOf: ({ memory }) => Math.min(FILLING, memory),
    valueOf: fill,
    isPast: above,
    say: (value, limit) => `A server of Redis uses ${percent(value)} of its maxmemory, more than ${percent(limit)}.`,
  },
  {
    name: 'redis-away',
    severity: 'critical',
    limitOf: () => 10,
    valueOf: away,
    isPast: above,
    say: (value) => `Redis has been away for ${Math.round(value)} s: reads go to their sources.`,
  },
  {
    name: 'topology',
    severity: 'warning',
    limitOf: () => 0,
    valueOf: ({ last }) => last?.topology?.findings.filter(({ severity }) => severity === 'critical').length,
    isPast: above,
    say: (value) => `The doctor finds ${value} critical faults in how Redis is set up: npx datapunk-cache doctor.`,
  },
  {
    name: 'bus-gaps',
    severity: 'warning',
    limitOf: () => 5,
    valueOf: (samples) => risen(samples, ({ gaps }) => gaps),
    isPast: above,
    say: (value) => `Messages of other processes were lost ${value} times: memory was doubted each time.`,
  },
  {
    name: 'stale-hits',
    severity: 'warning',
    limitOf: () => 0.01,
    valueOf: staleShare,
    isPast: above,
    say: (value) => `Of the hits that were compared with their source ${percent(value)} were stale.`,
  },
  {
    name: 'locks-lost',
    severity: 'warning',
    limitOf: () => 0,
    valueOf: (samples) => risen(samples, ({ locksLost }) => locksLost),
    isPast: above,
    say: (value) => `${value} locks were lost while they were held.`,
  },
  {
    name: 'invalidations-owed',
    severity: 'warning',
    limitOf: () => 0,
    valueOf: (samples) => Math.min(samples.before(MINUTE_MS)?.recovery.owed ?? 0, samples.last?.recovery.owed ?? 0),
    isPast: above,
    say: (value) => `${value} keys and tags or more have waited for a minute until Redis can be told.`,
  },
  {
    name: 'invalidations-lost',
    severity: 'critical',
    limitOf: () => 0,
    valueOf: (samples) => risen(samples, ({ recovery }) => recovery.lost),
    isPast: above,
    say: (value) => `${value} invalidations were lost: what Redis holds of their keys stays until it ends.`,
  },
];
