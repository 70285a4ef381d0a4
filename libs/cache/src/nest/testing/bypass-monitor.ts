import type { CacheReport } from '../monitoring/cache-report.js';
import { CacheMonitor } from '../monitoring/cache-monitor.js';
import type { CacheService } from '../services/cache.service.js';

/** Of no cache there is nothing to say, and nothing to be wrong. */
export class BypassMonitor extends CacheMonitor {
  readonly alerts = [];

  constructor(private readonly cache: CacheService) {
    super();
  }

  watch(): void {}

  async report(): Promise<CacheReport> {
    const statistics = this.cache.stats();
    return {
      service: 'test',
      statistics,
      caches: { default: statistics },
      memory: { entries: 0, bytes: 0, limit: 0, fill: 0 },
      redis: undefined,
      recovery: this.cache.recovery(),
      staleness: [],
      limits: { store: 'ready' },
      locks: { lost: 0 },
      topology: undefined,
      alerts: [],
    };
  }

  cacheOf(): string {
    return 'default';
  }
}
