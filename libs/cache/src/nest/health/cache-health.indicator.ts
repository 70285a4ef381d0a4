import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { answers, type CacheReport } from '../monitoring/cache-report.js';
import { ofAlerts, ofCoherence, ofCoordination, ofLayers, ofTopology, worst, type Standing } from './standing.js';

/** How an indicator judges. */
export interface CacheHealthOptions {
  /**
   * Whether the application can do without Redis. `'optional'`: without it the cache is degraded, which is up, because
   * reads go to their sources. `'required'`: down. Default `'optional'`.
   */
  readonly redis?: 'optional' | 'required' | undefined;
}

/**
 * Indicators for `@nestjs/terminus`, 11 and 12. Each answers within 100 ms, whatever Redis does. `degraded` is up: its
 * details say `health: 'degraded'` and why.
 *
 * @example
 * class HealthController {
 *   constructor(private readonly health: HealthCheckService, private readonly cache: CacheHealthIndicator) {}
 *   @Get('live') @HealthCheck() live() { return this.health.check([() => this.cache.liveness()]); }
 *   @Get('ready') @HealthCheck() ready() { return this.health.check([() => this.cache.readiness()]); }
 * }
 */
@Injectable()
export class CacheHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(CacheMonitor) private readonly monitor: CacheMonitor,
  ) {}

  /** Whether the process should go on: always, for nothing that happens to Redis is mended by a restart. Asks nobody. */
  async liveness(key = 'cache'): Promise<HealthIndicatorResult> {
    return this.indicators.check(key).up({ health: 'ok' });
  }

  /** Whether the application should be given requests: memory and Redis, coherence, locks and limits together. */
  readiness(key = 'cache', options?: CacheHealthOptions): Promise<HealthIndicatorResult> {
    return this.#say(key, options, (report) => {
      const [layers, coherence, coordination] = [ofLayers(report), ofCoherence(report), ofCoordination(report)];
      return {
        // How full Redis is says nothing of this process.
        health: worst(coherence.health, coordination.health, layers.health === 'ok' ? 'ok' : 'degraded'),
        details: { layers: layers.details, coherence: coherence.details, coordination: coordination.details },
      };
    });
  }

  /**
   * Memory and Redis: whether they can be reached, how fast they answer, how full they are, which nodes are not asked. A
   * server of Redis above 75 % of its `maxmemory` is degraded, above 90 % down.
   */
  layers(key = 'cache-layers', options?: CacheHealthOptions): Promise<HealthIndicatorResult> {
    return this.#say(key, options, ofLayers);
  }

  /** Whether this process hears what others change, what went unheard, and what of its own could not be told. */
  coherence(key = 'cache-coherence', options?: CacheHealthOptions): Promise<HealthIndicatorResult> {
    return this.#say(key, options, ofCoherence);
  }

  /** Whether locks can be taken and limits be counted together. */
  coordination(key = 'cache-coordination', options?: CacheHealthOptions): Promise<HealthIndicatorResult> {
    return this.#say(key, options, ofCoordination);
  }

  /** How Redis is set up, by the doctor, who is asked every five minutes: a critical finding is degraded. */
  topology(key = 'cache-topology'): Promise<HealthIndicatorResult> {
    return this.#say(key, undefined, ofTopology);
  }

  /** What is the matter: a warning is degraded, what is critical is down. See `forRoot({ alerts })`. */
  alerts(key = 'cache-alerts'): Promise<HealthIndicatorResult> {
    return this.#say(key, undefined, ofAlerts);
  }

  async #say(
    key: string,
    { redis = 'optional' }: CacheHealthOptions = {},
    judge: (report: CacheReport) => Standing,
  ): Promise<HealthIndicatorResult> {
    const report = await this.monitor.report();
    const { health, details } = judge(report);
    const isMissed = redis === 'required' && report.redis !== undefined && !answers(report.redis);
    const indicator = this.indicators.check(key);
    if (health === 'down' || isMissed) return indicator.down({ health: 'down', ...details });
    return indicator.up({ health, ...details });
  }
}
