import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule, type HealthCheckResult } from '@nestjs/terminus';
import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, LockService, type CacheModuleOptions } from '@datapunk/cache';
import { CacheHealthIndicator, CacheHealthModule } from '@datapunk/cache/terminus';
import { isShared } from '../../support/backends.js';
import { closeAfterwards, rootModule } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cache: CacheHealthIndicator,
  ) {}

  @Get('live')
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.liveness()]);
  }

  @Get('ready')
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.readiness()]);
  }

  @Get('whole')
  whole(): Promise<HealthCheckResult> {
    const { cache } = this;
    return this.health.check([
      () => cache.layers(),
      () => cache.coherence(),
      () => cache.coordination(),
      () => cache.alerts(),
    ]);
  }
}

@Module({ imports: [TerminusModule, CacheHealthModule], controllers: [HealthController] })
class HealthModule {}

async function start(options: Partial<CacheModuleOptions> = {}): Promise<INestApplication> {
  const root = rootModule({ imports: [HealthModule] }, options);
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return closeAfterwards(app);
}

async function ask(app: INestApplication, path: string) {
  const answer = await fetch(`${await app.getUrl()}/health/${path}`);
  return { status: answer.status, body: (await answer.json()) as HealthCheckResult };
}

describe('health', () => {
  it('is well: live, ready, and in every part', async () => {
    const app = await start();
    await app.get(CacheService).set('page:1', 'text');
    expect(await ask(app, 'live')).toMatchObject({ status: 200, body: { details: { cache: { health: 'ok' } } } });
    await eventually('it is ready', async () => {
      const { body } = await ask(app, 'ready');
      return body.details['cache']?.['health'] === 'ok';
    });
    const { status, body } = await ask(app, 'whole');
    expect(status).toBe(200);
    const { details } = body;
    expect(Object.keys(details)).toEqual(['cache-layers', 'cache-coherence', 'cache-coordination', 'cache-alerts']);
    expect(Object.values(details).map(({ status: state, ['health']: health }) => [state, health])).toEqual([
      ['up', 'ok'],
      ['up', 'ok'],
      ['up', 'ok'],
      ['up', 'ok'],
    ]);
    expect(details['cache-layers']?.['memory']).toMatchObject({ limit: 64 * 1024 * 1024, mark: 'ok' });
    const servers = (details['cache-layers']?.['redis'] as { servers: unknown[] } | undefined)?.servers ?? [];
    expect(servers.length > 0).toBe(isShared);
    for (const server of servers) {
      expect(server).toMatchObject({ address: expect.any(String), latency: expect.any(Number) });
    }
  });

  it('tells what is raised: degraded is up, what is critical is down', async () => {
    const app = await start({ alerts: { hitRatio: 0.9, every: '20ms' } });
    const cache = app.get(CacheService);
    const cleared: string[] = [];
    app.get(CacheEvents).on('alert-cleared', ({ name }) => cleared.push(name));
    for (let id = 0; id < 200; id += 1) await cache.get(`nothing:${id}`);
    await eventually('it is told', async () => {
      const { body } = await ask(app, 'whole');
      return body.details['cache-alerts']?.['health'] === 'degraded';
    });
    const { status, body } = await ask(app, 'whole');
    expect(status).toBe(200);
    expect(body.details['cache-alerts']?.['raised']).toMatchObject([{ name: 'low-hit-ratio', severity: 'warning' }]);
    await cache.set('page:1', 'text');
    for (let read = 0; read < 4_000; read += 1) await cache.get('page:1');
    await eventually('it is over', () => cleared.includes('low-hit-ratio'));
    expect((await ask(app, 'whole')).body.details['cache-alerts']).toMatchObject({ health: 'ok', raised: [] });
  });

  it('counts locks that are held and given back like any', async () => {
    const app = await start();
    await app.get(LockService).run('import', async () => undefined);
    const { body } = await ask(app, 'whole');
    expect(body.details['cache-coordination']).toMatchObject({
      locks: { available: true, lost: 0 },
      limits: { store: 'ready' },
    });
  });
});
