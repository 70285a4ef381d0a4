export { CacheHealthIndicator, type CacheHealthOptions } from './nest/health/cache-health.indicator.js';
export { CacheHealthModule } from './nest/health/cache-health.module.js';
