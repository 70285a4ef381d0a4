import { CacheHealthIndicator } from '@datapunk/cache/terminus';
import { SkipRateLimit } from '@datapunk/cache';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';

@Controller('health')
@SkipRateLimit()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cache: CacheHealthIndicator,
  ) {}

  /** Whether the process should go on. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.liveness()]);
  }

  /** Whether it should be given requests. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.readiness()]);
  }

  /** Whether somebody should look. */
  @Get()
  @HealthCheck()
  whole(): Promise<HealthCheckResult> {
    const { cache } = this;
    return this.health.check([
      () => cache.layers(),
      () => cache.coherence(),
      () => cache.coordination(),
      () => cache.topology(),
      () => cache.alerts(),
    ]);
  }
}
