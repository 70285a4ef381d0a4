export { CacheMetricsModule, type CacheMetricsOptions } from './nest/metrics/cache-metrics.module.js';
