import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheService, DatapunkCacheModule } from '@datapunk/cache';
import { CacheMetricsModule } from '@datapunk/cache/prometheus';
import { CacheHealthIndicator, CacheHealthModule } from '@datapunk/cache/terminus';
import { blackHole } from '../kit/conditions.js';
import { proxiedServer, type ProxiedServer } from '../kit/proxied.js';
import { Lag } from '../storm/lag.js';

const LIMIT_MS = 100;
const GRACE_MS = 15;

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cache: CacheHealthIndicator,
  ) {}

  @Get()
  whole(): Promise<HealthCheckResult> {
    const { cache } = this;
    return this.health.check([
      () => cache.readiness(),
      () => cache.layers(),
      () => cache.coherence(),
      () => cache.coordination(),
      () => cache.alerts(),
    ]);
  }

  @Get('required')
  required(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.readiness('cache', { redis: 'required' })]);
  }
}

@Module({ imports: [TerminusModule, CacheHealthModule], controllers: [HealthController] })
class HealthModule {}

const STRIKES: readonly (readonly [string, (one: ProxiedServer) => Promise<void> | void])[] = [
  ['stopped', ({ server }) => server.pause()],
  ['behind a black hole', ({ proxy }) => proxy.set(blackHole)],
  ['killed', ({ server }) => server.kill()],
];

describe.each(STRIKES)('with Redis %s', (how, strike) => {
  let one: ProxiedServer;
  let app: Awaited<ReturnType<typeof start>>;
  const lag = new Lag();

  async function start() {
    class App {}
    const redis = `redis://${one.proxy.address}`;
    const cache = DatapunkCacheModule.forRoot({ service: 'ops', redis });
    const metrics = CacheMetricsModule.forRoot({ registry: new Registry(), path: '/metrics', defaultMetrics: false });
    Module({ imports: [cache, metrics, HealthModule] })(App);
    const made = await NestFactory.create(App, { logger: false, abortOnError: false });
    await made.listen(0, '127.0.0.1');
    return made;
  }

  /** How long an answer took, and what it was. */
  async function ask(path: string) {
    const began = lag.now();
    const answer = await fetch(`${await app.getUrl()}${path}`);
    const text = await answer.text();
    return { ms: lag.now() - began, status: answer.status, text };
  }

  beforeAll(async () => {
    one = await proxiedServer();
    app = await start();
    await app.get(CacheService).set('page:1', 'text');
    for (const path of ['/health', '/metrics']) await ask(path);
    await strike(one);
  });

  afterAll(async () => {
    lag.stop();
    if (how === 'stopped') one.server.resume();
    await app.close();
    await one.stop();
  });

  it.each(['/health', '/metrics', '/health/required'])('%s answers within 100 ms', async (path) => {
    for (let time = 0; time < 5; time += 1) expect((await ask(path)).ms).toBeLessThan(LIMIT_MS + GRACE_MS);
  });

  it('health says that it is degraded, which is up, and what is the matter', async () => {
    const { status, text } = await ask('/health');
    expect(status).toBe(200);
    const { details } = JSON.parse(text) as HealthCheckResult;
    expect(details['cache-layers']).toMatchObject({
      health: 'degraded',
      redis: { servers: [{ away: expect.any(String) }] },
    });
    expect(details['cache']).toMatchObject({ status: 'up', health: 'degraded' });
  });

  it('is down for whoever requires it', async () => {
    expect((await ask('/health/required')).status).toBe(503);
  });

  it('metrics say so too', async () => {
    const { text } = await ask('/metrics');
    expect(text).toMatch(/^datapunk_cache_redis_up 0$/m);
    expect(text).not.toContain('datapunk_cache_redis_latency_seconds{');
  });
});
