import type { RecoveryFigures } from '../../core/cache/recovery.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import type { Alert } from '../../core/events/alert.js';
import { isAway, type ServerAway, type ServerFigures } from '../../core/servers/server-figures.js';
import type { StalenessFigures } from '../../core/staleness/staleness-figures.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';

/** How the cache of this process is, now. */
export interface CacheReport {
  /** The `service` of `forRoot`. */
  readonly service: string;
  /** What was counted since the start, of all caches. */
  readonly statistics: CacheStatistics;
  /** The same by named cache; `default` is that of the keys no named cache owns. */
  readonly caches: Readonly<Record<string, CacheStatistics>>;
  readonly memory: MemoryReport;
  /** `undefined`: embedded. */
  readonly redis: RedisReport | undefined;
  /** What could not be told to Redis. */
  readonly recovery: RecoveryFigures;
  readonly staleness: readonly StalenessFigures[];
  /** Whether the counts of limits that processes share can be asked. */
  readonly limits: { readonly store: 'ready' | 'lost'; readonly reason?: string | undefined };
  readonly locks: { readonly lost: number };
  /** What the doctor last found, within the last five minutes; `undefined`: it was not asked yet, or there is no Redis. */
  readonly topology: DoctorReport | undefined;
  /** What somebody should look at. */
  readonly alerts: readonly RaisedAlert[];
}

export interface RaisedAlert extends Alert {
  /** Since when, ms since the epoch. */
  readonly since: number;
}

/** This process's memory. A full one is nothing to worry about: what was used least leaves first. */
export interface MemoryReport {
  readonly entries: number;
  readonly bytes: number;
  /** A quarter of `local.budget`. */
  readonly limit: number;
  /** `bytes` by `limit`, 0 to 1. */
  readonly fill: number;
}

export interface RedisReport {
  /** `lost`: no command can be sent. */
  readonly state: 'ready' | 'lost';
  readonly reason?: string | undefined;
  readonly servers: readonly (ServerFigures | ServerAway)[];
  /** Addresses of nodes that are not asked, because they did not answer. */
  readonly openBreakers: readonly string[];
  readonly bus: BusReport;
}

/** Whether commands can be sent to Redis, and any of its servers answers. */
export function answers({ state, servers }: RedisReport): boolean {
  return state === 'ready' && servers.some((server) => !isAway(server));
}

/** Whether this process hears what others change. */
export interface BusReport {
  /** `lost`: memory is served for `local.maxBlind` at most. `blind`: reads go past it. */
  readonly state: 'ready' | 'lost' | 'blind';
  readonly reason?: string | undefined;
  /** How long a message took to come back last, ms; `undefined` before the first, about a second after the start. */
  readonly delay: number | undefined;
  /** How often something went unheard, by cause. */
  readonly gaps: { readonly lost: number; readonly silent: number; readonly unheard: number };
}
