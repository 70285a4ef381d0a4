import type { OnApplicationShutdown } from '@nestjs/common';
import type { Cache } from '../../core/cache/cache.js';
import { UNNAMED } from '../../core/cache/rulebook.js';
import type { DoctorReport } from '../../core/doctor/finding.js';
import type { EventHub } from '../../core/events/event-hub.js';
import type { ServerAway, ServerFigures, Servers } from '../../core/servers/server-figures.js';
import type { Cancel, Clock } from '../../core/shared/clock.js';
import type { CacheStatistics } from '../../core/statistics/cache-statistics.js';
import { statisticsOf } from '../../core/statistics/statistics-of.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import type { CacheDoctor } from '../services/cache-doctor.service.js';
import type { CacheService } from '../services/cache.service.js';
import { Alerts } from './alerts.js';
import { CacheMonitor } from './cache-monitor.js';
import type { CacheReport, RaisedAlert, RedisReport } from './cache-report.js';
import { Observed } from './observed.js';
import { sampleOf, Samples } from './sample.js';

/** What a report waits for Redis at most, ms: a health check has 100 for all it does. */
const LOOK_MS = 75;

/** How often the doctor is asked, ms: what it looks at changes seldom. */
const EXAMINE_MS = 300_000;

export interface MonitorParts extends Pick<ResolvedOptions, 'service' | 'alerts' | 'hot'> {
  readonly cache: CacheService;
  readonly counted: Pick<Cache['parts'], 'rules' | 'counts' | 'keys'>;
  /** `undefined`: embedded. */
  readonly servers: Servers | undefined;
  readonly events: Pick<EventHub, 'emit'>;
  readonly observed: Observed;
  readonly doctor: CacheDoctor;
  readonly clock: Clock;
}

/** Puts together what is counted, what was told, and what Redis says. */
export class DatapunkCacheMonitor extends CacheMonitor implements OnApplicationShutdown {
  readonly #samples: Samples;
  readonly #alerts: Alerts;
  #topology: DoctorReport | undefined;
  #cancel: Cancel | undefined;
  #cancelExamination: Cancel | undefined;
  #isWatching = false;

  constructor(private readonly parts: MonitorParts) {
    super();
    const { alerts, events } = parts;
    this.#samples = new Samples(alerts.window);
    this.#alerts = new Alerts(alerts, events);
    if (alerts.isAsked) this.watch();
  }

  get alerts(): readonly RaisedAlert[] {
    return this.#alerts.raised;
  }

  watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    void this.#look();
    if (this.parts.servers !== undefined) void this.#examine();
  }

  async report(): Promise<CacheReport> {
    const { service, observed, cache } = this.parts;
    const servers = await this.#servers();
    const { state: store, reason } = observed.limits;
    return {
      service,
      statistics: cache.stats(),
      caches: this.#caches(),
      memory: this.#memory(),
      redis: this.parts.servers && this.#redis(servers),
      recovery: cache.recovery(),
      staleness: cache.staleness(),
      limits: { store, reason },
      locks: { lost: observed.locksLost },
      topology: this.#topology,
      alerts: this.alerts,
    };
  }

  cacheOf(key: string): string {
    const { keys, rules } = this.parts.counted;
    const name = rules.cacheOf(keys.normalize(key));
    return name === undefined ? 'foreign' : shownName(name);
  }

  onApplicationShutdown(): void {
    this.#isWatching = false;
    this.#cancel?.();
    this.#cancelExamination?.();
    this.parts.observed.close();
  }

  /** One sample, and the next after a while. */
  async #look(): Promise<void> {
    const servers = await this.#servers();
    if (!this.#isWatching) return;
    const { cache, observed, clock } = this.parts;
    const counted = { at: clock.now(), statistics: cache.stats(), recovery: cache.recovery(), servers };
    const topology = this.#topology;
    this.#samples.add(sampleOf(observed, { ...counted, topology }, cache.staleness()));
    this.#alerts.judge(this.#samples);
    this.#cancel = this.parts.clock.after(this.parts.alerts.every, () => void this.#look());
  }

  /** One examination, and the next after a while. */
  async #examine(): Promise<void> {
    const { doctor, clock } = this.parts;
    this.#topology = await doctor.examine().catch(() => undefined);
    if (!this.#isWatching) return;
    this.#cancelExamination = clock.after(EXAMINE_MS, () => void this.#examine());
  }

  async #servers(): Promise<readonly (ServerFigures | ServerAway)[]> {
    return (await this.parts.servers?.look(LOOK_MS)) ?? [];
  }

  #caches(): Record<string, CacheStatistics> {
    const { rules, counts } = this.parts.counted;
    return Object.fromEntries([...rules.caches].map((name) => [shownName(name), statisticsOf(counts, name)]));
  }

  #memory(): CacheReport['memory'] {
    const { entries, bytes } = this.parts.cache.stats().memory;
    const limit = this.parts.hot.maxBytes;
    return { entries, bytes, limit, fill: bytes / limit };
  }

  #redis(servers: readonly (ServerFigures | ServerAway)[]): RedisReport {
    const { redis, bus, openNodes, busDelay, gaps } = this.parts.observed;
    return {
      state: redis.state,
      reason: redis.reason,
      servers,
      openBreakers: [...openNodes],
      bus: { state: bus.state, reason: bus.reason, delay: busDelay, gaps: { ...gaps } },
    };
  }
}

function shownName(cache: string): string {
  return cache === UNNAMED ? 'default' : cache;
}
