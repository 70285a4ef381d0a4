import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CacheError, CacheEvents, CacheService, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../support/redis/ports.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';

const page = readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8').split('\n');

function boot(redis: RedisOption): Promise<INestApplicationContext> {
  class AppModule {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'shop', redis })] })(AppModule);
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}

/** Every server of ours stands on the port that readers know. */
function expectOnPage(error: unknown): void {
  expect(error).toBeInstanceOf(CacheError);
  const shown = String(error).replace(/127\.0\.0\.1:\d+(?:, 127\.0\.0\.1:\d+)*/, '127.0.0.1:6379');
  expect(page, shown).toContain(shown);
}

const servers: Standalone[] = [];
async function start(...options: Parameters<typeof startStandalone>): Promise<string> {
  const server = await startStandalone(...options);
  servers.push(server);
  return server.address;
}

afterAll(() => Promise.all(servers.map((server) => server.stop())));

describe('the page of errors has what a boot says', () => {
  const node = () => inject('redis').cluster.map(({ host, port }) => `${host}:${port}`)[0] ?? '';
  const few =
    'user shop on >secret -@all ~* &none +get +mget +set +getrange +setrange +pttl +pexpire +del +hset +hmget +hdel +hlen +hscan';

  it.each<[string, () => Promise<RedisOption>]>([
    ['nobody listens', async () => ({ url: `127.0.0.1:${await freePort()}`, timeout: 200 })],
    ['the password is wrong', async () => `redis://:no@${await start({ password: 'hush' })}`],
    ['the password is missing', async () => `redis://${await start({ password: 'hush' })}`],
    ['the certificate is not trusted', async () => `rediss://${await start({ tls: true })}`],
    ['a cluster is given as one server', async () => node()],
    ['one server is given as a cluster', async () => ({ nodes: [inject('redis').standalone] })],
    [
      'the user lacks a permission',
      async () => `redis://shop:secret@${await start({ acl: [`${few} +eval +publish +subscribe +ping +time +info`] })}`,
    ],
  ])('when %s', async (_name, redis) => {
    const option = await redis();
    const error = await boot(option).then(
      (app) => app.close(),
      (reason: unknown) => reason,
    );
    expectOnPage(error);
  });
});

describe('the page of errors has what is said while Redis', () => {
  let app: INestApplicationContext;
  let server: Standalone;
  let failed: unknown[];

  beforeAll(async () => {
    server = await startStandalone();
    servers.push(server);
    app = await boot(`redis://${server.address}`);
    app.get(CacheEvents).on('layer-failed', ({ error }) => failed.push(error));
  });

  afterAll(() => app?.close());

  async function expectBoth(): Promise<void> {
    failed = [];
    const cache = app.get(CacheService);
    const rejected = cache.set('product:7', 1).then(
      () => 'it was stored',
      (error: unknown) => error,
    );
    expectOnPage(await rejected);
    // Another key: what could not be told of the first one keeps it from being read at all.
    expect(await cache.get('product:8')).toBeUndefined();
    expect(failed).toHaveLength(1);
    const [error] = failed;
    expectOnPage(error instanceof Error ? renamed(error) : error);
  }

  /** The page names one product. */
  function renamed(error: Error): Error {
    error.message = error.message.replace('product:8', 'product:7');
    return error;
  }

  it('is silent', async () => {
    await server.pause();
    await expectBoth();
    server.resume();
  });

  it('is away', async () => {
    const lost = new Promise((resolve) => app.get(CacheEvents).on('redis-lost', resolve));
    await server.kill();
    await lost;
    await expectBoth();
  });
});
