import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CacheEvents, CacheService, type CacheEvent, DatapunkCacheModule, type RedisOption } from '@datapunk/cache';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';

const README = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
const [, rules = ''] = /^ACL SETUSER shop (.*)$/m.exec(README) ?? [];
const [, ofClusters = ''] = /On a cluster also `([^`]*)`/.exec(README) ?? [];
const [, ofDatabases = ''] = /with a database number `([^`]*)`/.exec(README) ?? [];

const granted = rules.split(' ');
/** INFO besides, or ioredis prints that it is denied. */
const acl = (words: readonly string[]) => ['user default off', `user shop ${words.join(' ')} +info`];
const servers: { stop(): Promise<void> }[] = [];
const started = <T extends { stop(): Promise<void> }>(server: T): T => {
  servers.push(server);
  return server;
};

afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function boot(redis: RedisOption): Promise<{ cache: CacheService; troubles: CacheEvent[]; events: CacheEvents }> {
  class AppModule {}
  Module({ imports: [DatapunkCacheModule.forRoot({ service: 'shop', redis })] })(AppModule);
  const app: INestApplicationContext = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  const events = app.get(CacheEvents);
  const troubles: CacheEvent[] = [];
  for (const type of ['layer-failed', 'deferred', 'redis-lost', 'bus-lost'] as const) {
    events.on(type, (event) => troubles.push(event));
  }
  return { cache: app.get(CacheService), events, troubles };
}

/** Every verb, on many keys at once, so that each of the commands that may serve it is sent. */
async function everything(redis: RedisOption): Promise<readonly CacheEvent[]> {
  const [one, two] = await Promise.all([boot(redis), boot(redis)]);
  const keys = Array.from({ length: 30 }, (_, at) => `product:${at}`);
  const each = (work: (key: string) => Promise<unknown>) => Promise.all(keys.map(work));
  await each((key) => one.cache.readThrough(key, async () => 1));
  await eventually('the other finds all of them', async () => {
    const found = await each((key) => two.cache.get(key));
    return found.every((value) => value === 1);
  });
  await each((key) => one.cache.writeThrough(key, 2, async () => undefined));
  await eventually('the other hears of the change', async () => {
    const found = await each((key) => two.cache.get(key));
    return found.every((value) => value === 2);
  });
  await each((key) => one.cache.set(key, 3, { ttl: '1s' }));
  await one.cache.expire(...keys);
  await one.cache.delete(...keys);
  expect(await each((key) => one.cache.get(key))).toEqual(keys.map(() => undefined));
  return [...one.troubles, ...two.troubles];
}

describe('the ACL of the README', () => {
  it('is there', () => {
    expect([rules, ofClusters, ofDatabases]).toEqual([
      expect.stringContaining('~app:shop:*'),
      '+asking +cluster|slots',
      '+select',
    ]);
  });

  it('is enough on one server, and with its addition for another database', async () => {
    const { address } = started(await startStandalone({ acl: acl([...granted, ofDatabases]) }));
    expect(await everything(`redis://shop:secret@${address}/2`)).toEqual([]);
    const plain = started(await startStandalone({ acl: acl(granted) }));
    expect(await everything(`redis://shop:secret@${plain.address}`)).toEqual([]);
  });

  it('is enough on a cluster with its addition', async () => {
    const cluster = started(await startCluster({ primaries: 3, replicas: 0, acl: acl([...granted, ofClusters]) }));
    const nodes = cluster.nodes.map(({ address }) => address);
    expect(await everything({ nodes, username: 'shop', password: 'secret' })).toEqual([]);
  });

  const words = granted.filter((word) => /^[+~&]/.test(word));

  it.each(words)('has nothing too much: without %s the boot says what is lacking', async (word) => {
    const { address } = started(await startStandalone({ acl: acl(granted.filter((one) => one !== word)) }));
    await expect(boot(`redis://shop:secret@${address}`)).rejects.toThrow(`lacks ${word}. Grant it`);
  });
});
