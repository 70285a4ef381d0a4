import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { clientKill, clientPause, clientUnpause, scriptFlush } from './servers.js';

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startStandalone();
  client = new Redis({ host: server.host, port: server.port });
});

afterAll(async () => {
  client.disconnect();
  await server.stop();
});

async function timeOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

describe('SCRIPT FLUSH', () => {
  it('makes a known script unknown', async () => {
    const script = 'return 1';
    const sha = createHash('sha1').update(script).digest('hex');
    await client.eval(script, 0);
    expect(await client.evalsha(sha, 0)).toBe(1);
    await scriptFlush(server);
    await expect(client.evalsha(sha, 0)).rejects.toThrow('NOSCRIPT');
  });
});

describe('CLIENT PAUSE', () => {
  it('holds all commands for its time', async () => {
    expect(await timeOf(client.ping())).toBeLessThan(200);
    await clientPause(server, 300);
    expect(await timeOf(client.ping())).toBeGreaterThan(200);
  });

  it('holds writes only, when asked so', async () => {
    await clientPause(server, 300, 'WRITE');
    expect(await timeOf(client.get('k'))).toBeLessThan(150);
    expect(await timeOf(client.set('k', 'v'))).toBeGreaterThan(150);
  });

  it('lets writes go before their time', async () => {
    await clientPause(server, 10_000, 'WRITE');
    const waiting = client.set('k', 'v');
    await clientUnpause(server);
    expect(await timeOf(waiting)).toBeLessThan(2_000);
  });
});

describe('CLIENT KILL', () => {
  it('ends connections of one type, and no other', async () => {
    const subscriber = client.duplicate();
    await subscriber.subscribe('news');
    let closed = 0;
    client.on('close', () => (closed += 1));
    expect(await clientKill(server, 'pubsub')).toBe(1);
    await once(subscriber, 'close');
    expect(await client.ping()).toBe('PONG');
    expect(closed).toBe(0);
    expect(await clientKill(server)).toBeGreaterThanOrEqual(1);
    await once(client, 'ready');
    expect(closed).toBe(1);
    subscriber.disconnect();
  });
});
