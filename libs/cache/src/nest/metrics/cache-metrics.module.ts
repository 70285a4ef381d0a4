import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register, type Registry } from 'prom-client';
import { CacheEvents } from '../../core/events/event-hub.js';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import { CacheMetrics } from './cache-metrics.js';
import { metricsController } from './metrics.controller.js';
import { boundedLabels } from './told.js';

export interface CacheMetricsOptions {
  /**
   * Where the metrics are registered. Give `new Registry()` where several applications run in one process, as tests do:
   * otherwise their figures would mix, which fails the boot. Default: that of `prom-client`.
   */
  readonly registry?: Registry | undefined;
  /**
   * Serves the registry at this path, such as `'/metrics'`. Default: nothing is served here, because the `PrometheusModule`
   * of the application does, or what else scrapes the registry.
   */
  readonly path?: string | undefined;
  /** With `path`, whether the figures of the Node process are served too. Default true. */
  readonly defaultMetrics?: boolean | undefined;
}

const OPTIONS = Symbol('CacheMetricsOptions');

/**
 * Metrics of the cache for Prometheus, beside `DatapunkCacheModule`. docs/metrics.md lists them. No label holds a key.
 *
 * @example
 * imports: [DatapunkCacheModule.forRoot({ … }), PrometheusModule.register(), CacheMetricsModule.forRoot()]
 * @example
 * imports: [DatapunkCacheModule.forRoot({ … }), CacheMetricsModule.forRoot({ path: '/metrics', registry: new Registry() })]
 */
@Module({})
export class CacheMetricsModule implements OnModuleInit, OnApplicationShutdown {
  #metrics: CacheMetrics | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: CacheMetricsOptions,
    @Inject(CacheMonitor) private readonly monitor: CacheMonitor,
    @Inject(CacheEvents) private readonly events: CacheEvents,
  ) {}

  static forRoot(options: CacheMetricsOptions = {}): DynamicModule {
    return {
      module: CacheMetricsModule,
      imports: served(options),
      providers: [{ provide: OPTIONS, useValue: options }],
    };
  }

  /** @throws {CacheConfigError} where another application has its metrics in this registry. */
  onModuleInit(): void {
    const { registry = register } = this.options;
    const { monitor, events } = this;
    this.#metrics = new CacheMetrics({ registry, monitor, events, bounded: boundedLabels() });
    monitor.watch();
  }

  onApplicationShutdown(): void {
    this.#metrics?.close();
  }
}

function served({ registry = register, path, defaultMetrics = true }: CacheMetricsOptions): DynamicModule[] {
  if (path === undefined) return [];
  const figures = { enabled: defaultMetrics, config: { register: registry } };
  return [PrometheusModule.register({ path, controller: metricsController(registry), defaultMetrics: figures })];
}
