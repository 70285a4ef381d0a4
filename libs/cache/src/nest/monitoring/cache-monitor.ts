import type { CacheReport, RaisedAlert } from './cache-report.js';

/**
 * Says how the cache of this process is: what health checks, metrics and consoles show. Inject it to show it elsewhere.
 *
 * @example const { redis, alerts, statistics } = await monitor.report();
 */
export abstract class CacheMonitor {
  /** What is the matter, by the last look; empty until `watch` was called, or where `forRoot({ alerts })` is given. */
  abstract readonly alerts: readonly RaisedAlert[];

  /**
   * Begins to look for what somebody should know, every 10 s (`alerts.every`), and tells it by the events `alert-raised`
   * and `alert-cleared` and in reports. Health checks and metrics call it; more than one call does no more.
   */
  abstract watch(): void;

  /** How the cache is. Asks Redis, for 75 ms at most, and nobody else. Never rejects. */
  abstract report(): Promise<CacheReport>;

  /** The named cache of a full key, as events have it; `default`: no named cache owns it. `foreign`: another service's. */
  abstract cacheOf(key: string): string;
}
