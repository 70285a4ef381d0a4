import { isAway, type ServerFigures } from '../../core/servers/server-figures.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import { answers, type CacheReport } from '../monitoring/cache-report.js';

export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export type Measured = readonly [labels: Labels, value: number];

/** A metric that is read off a report when it is scraped, so that nothing is counted twice and a hit costs nothing. */
export interface ScrapedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly read: (report: CacheReport) => readonly Measured[];
}

const one = (value: number): readonly Measured[] => [[{}, value]];
const seconds = (ms: number): number => ms / 1_000;

/** Of every named cache the same figures. */
function byCache(read: (statistics: CacheStatistics) => readonly Measured[]): ScrapedMetric['read'] {
  return ({ caches }) =>
    Object.entries(caches).flatMap(([cache, statistics]) =>
      read(statistics).map(([labels, value]): Measured => [{ cache, ...labels }, value]),
    );
}

/** Of every server of Redis that answered, where it says so. */
function byServer(read: (server: ServerFigures) => number | undefined): ScrapedMetric['read'] {
  return ({ redis }) =>
    (redis?.servers ?? []).flatMap((server): readonly Measured[] => {
      const value = isAway(server) ? undefined : read(server);
      return value === undefined ? [] : [[{ server: server.address }, value]];
    });
}

const OF_CACHES: readonly ScrapedMetric[] = [
  {
    name: 'datapunk_cache_hits_total',
    help: 'Reads that found a fresh value, by where: this process (hot) or Redis (shared).',
    type: 'counter',
    labels: ['cache', 'layer'],
    read: byCache(({ hits }) => [
      [{ layer: 'hot' }, hits.hot],
      [{ layer: 'shared' }, hits.shared],
    ]),
  },
  {
    name: 'datapunk_cache_misses_total',
    help: 'Reads that found no fresh value.',
    type: 'counter',
    labels: ['cache'],
    read: byCache(({ misses }) => one(misses)),
  },
  {
    name: 'datapunk_cache_joined_total',
    help: 'Misses that shared a load which another read of this process had begun.',
    type: 'counter',
    labels: ['cache'],
    read: byCache(({ joined }) => one(joined)),
  },
  {
    name: 'datapunk_cache_loads_total',
    help: 'Runs of loaders, by outcome.',
    type: 'counter',
    labels: ['cache', 'outcome'],
    read: byCache(({ loads, loadFailures }) => [
      [{ outcome: 'loaded' }, loads],
      [{ outcome: 'failed' }, loadFailures],
    ]),
  },
  {
    name: 'datapunk_cache_background_loads_total',
    help: 'Loads that went on, or began, with nobody waiting for them.',
    type: 'counter',
    labels: ['cache'],
    read: byCache(({ refreshes }) => one(refreshes)),
  },
  {
    name: 'datapunk_cache_stored_total',
    help: 'Values that were kept.',
    type: 'counter',
    labels: ['cache'],
    read: byCache(({ stored }) => one(stored)),
  },
  {
    name: 'datapunk_cache_evictions_total',
    help: 'Entries that left the memory of this process by themselves, by cause: to make room (size), or over (ttl).',
    type: 'counter',
    labels: ['cache', 'cause'],
    read: byCache(({ evictions }) => [
      [{ cause: 'size' }, evictions.size],
      [{ cause: 'ttl' }, evictions.ttl],
    ]),
  },
  {
    name: 'datapunk_cache_invalidations_total',
    help: 'What was invalidated: by this process a key (deleted, expired), by tags or as a whole (cleared), or by another one (heard).',
    type: 'counter',
    labels: ['cache', 'kind'],
    read: byCache(({ invalidations: { deleted, expired, tags, clears, heard } }) => [
      [{ kind: 'deleted' }, deleted],
      [{ kind: 'expired' }, expired],
      [{ kind: 'tags' }, tags],
      [{ kind: 'cleared' }, clears],
      [{ kind: 'heard' }, heard],
    ]),
  },
  {
    name: 'datapunk_cache_entries',
    help: 'Values in the memory of this process.',
    type: 'gauge',
    labels: ['cache'],
    read: byCache(({ memory }) => one(memory.entries)),
  },
  {
    name: 'datapunk_cache_memory_bytes',
    help: 'What they take.',
    type: 'gauge',
    labels: ['cache'],
    read: byCache(({ memory }) => one(memory.bytes)),
  },
  {
    name: 'datapunk_cache_memory_limit_bytes',
    help: 'What they may take, all caches together.',
    type: 'gauge',
    labels: [],
    read: ({ memory }) => one(memory.limit),
  },
];

const OF_REDIS: readonly ScrapedMetric[] = [
  {
    name: 'datapunk_cache_redis_up',
    help: 'Whether Redis answers: 1 or 0. Absent where the cache is embedded.',
    type: 'gauge',
    labels: [],
    read: ({ redis }) => (redis === undefined ? [] : one(answers(redis) ? 1 : 0)),
  },
  {
    name: 'datapunk_cache_redis_open_breakers',
    help: 'Nodes of Redis that are not asked, because they did not answer.',
    type: 'gauge',
    labels: [],
    read: ({ redis }) => (redis === undefined ? [] : one(redis.openBreakers.length)),
  },
  {
    name: 'datapunk_cache_redis_latency_seconds',
    help: 'How long a server took to answer INFO for this scrape.',
    type: 'gauge',
    labels: ['server'],
    read: byServer(({ latency }) => seconds(latency)),
  },
  {
    name: 'datapunk_cache_redis_memory_bytes',
    help: 'Memory that a server uses.',
    type: 'gauge',
    labels: ['server'],
    read: byServer(({ usedMemory }) => usedMemory),
  },
  {
    name: 'datapunk_cache_redis_memory_limit_bytes',
    help: 'Memory that it may use (maxmemory); 0: as much as there is.',
    type: 'gauge',
    labels: ['server'],
    read: byServer(({ maxMemory }) => maxMemory),
  },
  {
    name: 'datapunk_cache_redis_evicted_keys_total',
    help: 'Keys that it evicted to make room.',
    type: 'counter',
    labels: ['server'],
    read: byServer(({ evictedKeys }) => evictedKeys),
  },
  {
    name: 'datapunk_cache_redis_keyspace_hits_total',
    help: 'Commands of all its clients that found their key.',
    type: 'counter',
    labels: ['server'],
    read: byServer(({ keyspaceHits }) => keyspaceHits),
  },
  {
    name: 'datapunk_cache_redis_keyspace_misses_total',
    help: 'Commands of all its clients that did not.',
    type: 'counter',
    labels: ['server'],
    read: byServer(({ keyspaceMisses }) => keyspaceMisses),
  },
  {
    name: 'datapunk_cache_redis_connected_clients',
    help: 'Its connections.',
    type: 'gauge',
    labels: ['server'],
    read: byServer(({ connectedClients }) => connectedClients),
  },
];

const OF_COHERENCE: readonly ScrapedMetric[] = [
  {
    name: 'datapunk_cache_bus_up',
    help: 'Whether this process hears what others change: 1 or 0. Absent where the cache is embedded.',
    type: 'gauge',
    labels: [],
    read: ({ redis }) => (redis === undefined ? [] : one(redis.bus.state === 'ready' ? 1 : 0)),
  },
  {
    name: 'datapunk_cache_bus_gaps_total',
    help: 'How often something that others changed went unheard, by cause; memory was doubted each time.',
    type: 'counter',
    labels: ['cause'],
    read: ({ redis }) =>
      redis === undefined ? [] : Object.entries(redis.bus.gaps).map(([cause, count]) => [{ cause }, count]),
  },
  {
    name: 'datapunk_cache_recovery_queue_length',
    help: 'Keys and tags whose invalidation waits until Redis can be told.',
    type: 'gauge',
    labels: [],
    read: ({ recovery }) => one(recovery.owed),
  },
  {
    name: 'datapunk_cache_recovery_recovered_total',
    help: 'Invalidations that were made up for.',
    type: 'counter',
    labels: [],
    read: ({ recovery }) => one(recovery.recovered),
  },
  {
    name: 'datapunk_cache_recovery_lost_total',
    help: 'Invalidations that Redis will never be told: what it holds of their keys stays until it ends.',
    type: 'counter',
    labels: [],
    read: ({ recovery }) => one(recovery.lost),
  },
  {
    name: 'datapunk_cache_hits_compared_total',
    help: 'Hits that were compared with their source, by what came of it.',
    type: 'counter',
    labels: ['reader', 'level', 'verdict'],
    read: ({ staleness }) =>
      staleness.flatMap(({ reader, level, compared, stale, changed, failed }): readonly Measured[] => [
        [{ reader, level, verdict: 'same' }, compared - stale],
        [{ reader, level, verdict: 'stale' }, stale],
        [{ reader, level, verdict: 'changed' }, changed],
        [{ reader, level, verdict: 'failed' }, failed],
      ]),
  },
  {
    name: 'datapunk_cache_topology_findings',
    help: 'What the doctor finds in how Redis is set up, by severity; it is asked every five minutes.',
    type: 'gauge',
    labels: ['severity'],
    read: ({ topology }) =>
      topology === undefined
        ? []
        : (['critical', 'warning', 'note', 'unknown'] as const).map((severity) => [
            { severity },
            topology.findings.filter((finding) => finding.severity === severity).length,
          ]),
  },
  {
    name: 'datapunk_cache_limit_store_up',
    help: 'Whether the counts of limits that processes share can be asked: 1 or 0.',
    type: 'gauge',
    labels: [],
    read: ({ limits }) => one(limits.store === 'ready' ? 1 : 0),
  },
  {
    name: 'datapunk_cache_alert_active',
    help: 'What the process itself finds that somebody should look at.',
    type: 'gauge',
    labels: ['alert', 'severity'],
    read: ({ alerts }) => alerts.map(({ name, severity }) => [{ alert: name, severity }, 1]),
  },
];

export const SCRAPED: readonly ScrapedMetric[] = [...OF_CACHES, ...OF_REDIS, ...OF_COHERENCE];
