import { Injectable, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { Registry, register } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheService, defineKey, LockService, RateLimitService, ReadThrough } from '@datapunk/cache';
import { CacheMetricsModule } from '@datapunk/cache/prometheus';
import { closeAfterwards, rootModule } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

const bookKey = defineKey('book:{id}').holds<string>();

@Injectable()
class Books {
  @ReadThrough(bookKey)
  async find(id: string): Promise<string> {
    if (id === 'lost') throw new Error('no such book');
    return `book ${id}`;
  }
}

async function start(registry = new Registry(), path = '/metrics'): Promise<INestApplication> {
  const metrics = CacheMetricsModule.forRoot({ registry, path, defaultMetrics: false });
  const root = rootModule({ imports: [metrics], providers: [Books] });
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  closeAfterwards(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

async function scrape(app: INestApplication, path = '/metrics'): Promise<string> {
  const answer = await fetch(`${await app.getUrl()}${path}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  return answer.text();
}

/** The sum of a metric over what its labels say beside these. */
function sumOf(text: string, name: string, ...labels: readonly string[]): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

describe('metrics', () => {
  it('say what the statistics say', async () => {
    const app = await start();
    const [cache, books] = [app.get(CacheService), app.get(Books)];
    for (const id of ['1', '2', '1', '3', '1']) await books.find(id);
    await books.find('lost').catch(() => undefined);
    await cache.delete(bookKey({ id: '2' }));
    await eventually('all is counted', () => cache.stats().loadFailures === 1);
    const text = await scrape(app);
    const { hits, misses, loads, stored, memory } = cache.stats();
    expect(sumOf(text, 'datapunk_cache_hits_total', 'layer="hot"')).toBe(hits.hot);
    expect(sumOf(text, 'datapunk_cache_hits_total', 'layer="shared"')).toBe(hits.shared);
    expect(sumOf(text, 'datapunk_cache_misses_total')).toBe(misses);
    expect(sumOf(text, 'datapunk_cache_loads_total', 'outcome="loaded"')).toBe(loads);
    expect(sumOf(text, 'datapunk_cache_loads_total', 'outcome="failed"')).toBe(1);
    expect(sumOf(text, 'datapunk_cache_load_duration_seconds_count')).toBe(loads + 1);
    expect(sumOf(text, 'datapunk_cache_stored_total')).toBe(stored);
    expect(sumOf(text, 'datapunk_cache_memory_bytes')).toBe(memory.bytes);
    expect(sumOf(text, 'datapunk_cache_invalidations_total', 'kind="deleted"')).toBe(1);
  });

  it('tell of locks and limits', async () => {
    const app = await start();
    await app.get(LockService).run('stock', async () => undefined);
    const rule = { name: `books-${Date.now()}`, limit: 1, per: '1h', key: 'all' } as const;
    const limits = app.get(RateLimitService);
    for (let time = 0; time < 3; time += 1) await limits.consume(rule).catch(() => undefined);
    const text = await scrape(app);
    expect(sumOf(text, 'datapunk_cache_lock_wait_seconds_count')).toBe(1);
    expect(sumOf(text, 'datapunk_cache_lock_hold_seconds_count')).toBe(1);
    expect(sumOf(text, 'datapunk_cache_limit_refusals_total', `rule="${rule.name}"`)).toBe(2);
  });

  it('hold no key', async () => {
    const app = await start();
    await app.get(Books).find('secret-id');
    expect(await scrape(app)).not.toContain('secret-id');
  });

  it('of two applications in one process do not mix', async () => {
    const [one, other] = [await start(), await start()];
    const before = sumOf(await scrape(other), 'datapunk_cache_misses_total');
    for (let id = 0; id < 5; id += 1) await one.get(CacheService).get(`nobody:${id}`);
    expect(sumOf(await scrape(one), 'datapunk_cache_misses_total')).toBe(5);
    expect(sumOf(await scrape(other), 'datapunk_cache_misses_total')).toBe(before);
  });

  it('of two applications in one registry are refused at boot', async () => {
    const registry = new Registry();
    await start(registry);
    await expect(start(registry)).rejects.toThrow(CacheConfigError);
  });

  it('leave a registry when their application ends', async () => {
    const registry = new Registry();
    const app = await start(registry);
    await app.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('are served by the PrometheusModule of an application', async () => {
    const imports = [PrometheusModule.register({ defaultMetrics: { enabled: false } }), CacheMetricsModule.forRoot()];
    const app = await NestFactory.create(rootModule({ imports }), { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    closeAfterwards(app);
    expect(await scrape(app)).toContain('datapunk_cache_hits_total{cache="default",layer="hot"} 0');
    await app.close();
    expect(register.getMetricsAsArray()).toEqual([]);
  });
});
