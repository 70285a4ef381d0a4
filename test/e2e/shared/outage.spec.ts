import { Injectable } from '@nestjs/common';
import { onTestFinished, describe, expect, it } from 'vitest';
import {
  CacheEvents,
  CacheService,
  Evict,
  ReadThrough,
  WriteThrough,
  type CacheEventType,
  type CacheModuleOptions,
} from '@datapunk/cache';
import { backend, full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { freePort, HOST } from '../../support/redis/ports.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';

const rows = new Map<number, string>();

@Injectable()
class Towns {
  loads = 0;

  @ReadThrough('town:{0}')
  async find(id: number): Promise<string> {
    this.loads += 1;
    return rows.get(id) ?? 'none';
  }

  @WriteThrough('town:{0}', { value: '1' })
  async rename(id: number, name: string): Promise<void> {
    rows.set(id, name);
  }

  @Evict('town:{0}')
  async raze(id: number): Promise<void> {
    rows.delete(id);
  }
}

const OUTAGE: readonly CacheEventType[] = [
  'redis-lost',
  'redis-ready',
  'layer-failed',
  'deferred',
  'not-stored',
  'recovered',
];

/** An application that can do without Redis, on a port where nothing listens. */
async function start(redis: CacheModuleOptions['redis']) {
  rows.clear();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const app = await boot([Towns], { redis } as Partial<CacheModuleOptions>);
  const told: string[] = [];
  for (const type of OUTAGE) app.get(CacheEvents).on(type, (event) => told.push(event.type));
  return { app, towns: app.get(Towns), cache: app.get(CacheService), told, unhandled };
}

const nobody = async (): Promise<NonNullable<CacheModuleOptions['redis']>> => {
  const at = `${HOST}:${await freePort()}`;
  return backend === 'cluster' ? { nodes: [at], required: false } : { url: at, required: false };
};

describe('an application that does not require Redis, without Redis', () => {
  it('boots at once, and works as if it cached nothing', async () => {
    const began = performance.now();
    const { towns, cache, told, unhandled } = await start(await nobody());
    expect(performance.now() - began).toBeLessThan(2_000);
    rows.set(1, 'old');
    expect([await towns.find(1), await towns.find(1)]).toEqual(['old', 'old']);
    expect(towns.loads).toBe(2);
    expect(told).toContain('layer-failed');
    await towns.rename(1, 'new');
    expect(rows.get(1)).toBe('new');
    expect(await towns.find(1)).toBe('new');
    expect(await cache.get('town:1')).toBeUndefined();
    // Nobody knows who else counts.
    await expect(cache.cacheAside('town:2', async () => 'counted')).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    await pause(50);
    expect(unhandled).toEqual([]);
  });

  it('queues what it removes, and refuses only what it is asked to keep', async () => {
    const { towns, cache, told, unhandled } = await start(await nobody());
    await cache.delete('town:1', 'town:2');
    await cache.expire('town:3');
    await towns.raze(4);
    expect(told.filter((type) => type === 'deferred')).toHaveLength(4);
    await expect(cache.set('town:5', 'kept')).rejects.toMatchObject({
      code: 'WRITE',
      key: full('town:5'),
      layer: 'shared',
    });
    await pause(50);
    expect(unhandled).toEqual([]);
  });

  it('is closed without waiting for Redis, whatever is owed to it', async () => {
    const { app, cache, unhandled } = await start(await nobody());
    await cache.delete('town:1');
    const began = performance.now();
    await app.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(unhandled).toEqual([]);
  });

  it('caches as soon as there is one, and makes up for what it owes', async () => {
    const port = await freePort();
    const { towns, cache, told, unhandled } = await start({ url: `${HOST}:${port}`, required: false });
    rows.set(1, 'old');
    await towns.find(1);
    await cache.delete('town:1');
    const server = await startStandalone({ port });
    onTestFinished(() => server.stop());
    await eventually('Redis is back', () => told.includes('redis-ready'));
    await eventually('the delete is made up for', () => told.includes('recovered'));
    await eventually('values are kept', async () => {
      await towns.find(1);
      return (await cache.get('town:1')) === 'old';
    });
    const { loads } = towns;
    await towns.find(1);
    expect(towns.loads).toBe(loads);
    expect(unhandled).toEqual([]);
  });
});
