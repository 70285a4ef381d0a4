import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheEvents, CacheService } from '@datapunk/cache';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';

describe('forRoot({ redis })', () => {
  it.each([undefined, null, '', '  '])('refuses %j, which would split a fleet unseen', async (redis) => {
    const root = rootModule({}, { redis } as never);
    const error: unknown = await NestFactory.createApplicationContext(root, {
      logger: false,
      abortOnError: false,
    }).then(closeAfterwards, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(CacheConfigError);
    expect((error as Error).message).toMatch(/^forRoot\.redis: .* is no address\. .*REDIS_URL unset\? .* write false/);
  });

  it('runs embedded with false', async () => {
    const app = await boot([], { redis: false });
    const cache = app.get(CacheService);
    const layers: string[] = [];
    app.get(CacheEvents).on('hit', ({ layer }) => layers.push(layer));
    await cache.set('user:1', 'Ada');
    expect(await cache.get('user:1')).toBe('Ada');
    expect(layers).toEqual(['hot']);
  });
});

it('never keeps the process alive, not even with a load that does not end', async () => {
  const before = timersThatKeepAlive();
  const app = await boot([]);
  const cache = app.get(CacheService);
  await cache.readThrough('user:1', async () => 1);
  await cache.get('user:1');
  void cache.readThrough('user:2', () => new Promise<never>(() => undefined));
  expect(timersThatKeepAlive()).toBe(before);
  await app.close();
  expect(timersThatKeepAlive()).toBe(before);
});

/** Timers that are unref'd do not count. */
function timersThatKeepAlive(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
