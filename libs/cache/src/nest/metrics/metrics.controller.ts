import { Controller, Get, Header, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { SkipRateLimit } from '../decorators/skip-rate-limit.decorator.js';

interface Served {
  metrics(): Promise<string>;
}

/** Serves a registry, whatever version is asked for, and not counted by rate limits. Its path is set by who registers it. */
export function metricsController(registry: Registry): Type<Served> {
  @Controller({ version: VERSION_NEUTRAL })
  @SkipRateLimit()
  class CacheMetricsController implements Served {
    @Get()
    @Header('content-type', registry.contentType)
    metrics(): Promise<string> {
      return registry.metrics();
    }
  }
  return CacheMetricsController;
}
