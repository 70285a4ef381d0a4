import type { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, HOST } from '../../support/redis/ports.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { blackHole, BUS, connect, failure } from './support.js';

let server: Standalone;
beforeAll(async () => {
  server = await startStandalone();
});
afterAll(() => server.stop());

describe('one server', () => {
  it.each([
    ['a URL', () => `redis://${server.address}`],
    ['host and port', () => server.address],
    ['an object', () => ({ url: `redis://${server.address}/3`, timeout: 2_000 })],
  ])('is connected to by %s', async (_name, option) => {
    const { redis, told } = await connect(option());
    expect([redis.kind, redis.isReady(), redis.address, told]).toEqual(['standalone', true, server.address, ['ready']]);
    expect(await redis.data.call('SET', 'app:lake:x:1', 'v')).toBe('OK');
    expect(await redis.data.getBuffer('app:lake:x:1')).toEqual(Buffer.from('v'));
  });

  it('is left as it was found, but for connections that say whose they are', async () => {
    const keys = await server.call('DBSIZE');
    await connect(`redis://${server.address}`);
    expect(await server.call('DBSIZE')).toBe(keys);
    expect(String(await server.call('CLIENT', 'LIST'))).toContain('name=datapunk-cache:lake ');
  });

  it('delivers messages once a subscription is confirmed', async () => {
    const { redis } = await connect(`redis://${server.address}`);
    const heard: string[] = [];
    const stop = redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('subscribed'),
      lost: (reason) => heard.push(reason),
      message: (payload) => heard.push(payload.toString('latin1')),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await redis.data.call('PUBLISH', BUS, Buffer.from([0xff, 0x00]));
    await eventually('the message is there', () => heard.length > 1);
    expect(heard).toEqual(['subscribed', '\u00ff\u0000']);
    stop();
    await eventually('nobody listens', async () => (await redis.data.call('PUBLISH', BUS, 'x')) === 0);
    expect(heard).toHaveLength(2);
  });

  it('fails commands at once while it is away, and serves again when it is back', async () => {
    const own = await startStandalone();
    const { redis, told } = await connect({ url: `redis://${own.address}`, password: undefined });
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('subscribed'),
      lost: (reason) => heard.push(`lost ${reason}`),
      message: (payload) => heard.push(String(payload)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await own.pause();
    const underWay = redis.data.call('GET', 'app:lake:x:1').then(String, (error: Error) => error.message);
    await own.kill();
    expect(await underWay).toMatch(/max retries per request/);
    await eventually('the loss is told', () => !redis.isReady() && told.length === 2);
    const began = performance.now();
    await expect(redis.data.call('GET', 'app:lake:x:1')).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(50);
    await own.restart();
    await eventually('it serves again', () => redis.isReady() && heard.includes('subscribed', 2));
    await redis.data.call('PUBLISH', BUS, 'again');
    await eventually('the message is there', () => heard.at(-1) === 'again');
    expect(told[0]).toBe('ready');
    expect(told.slice(2)).toEqual(['ready']);
    expect(heard[1]).toMatch(/^lost /);
    await own.stop();
  });

  it('adds no listener with its reconnections', async () => {
    const { redis, told } = await connect(`redis://${server.address}`);
    const before = listeners(redis.data);
    for (let times = 1; times <= 12; times += 1) {
      await server.call('CLIENT', 'KILL', 'TYPE', 'normal');
      await eventually('it is back', () => told.filter((one) => one === 'ready').length > times);
    }
    expect(listeners(redis.data)).toEqual(before);
  });

  it('is left at once, also while it stands still', async () => {
    const own = await startStandalone();
    const before = process.getActiveResourcesInfo().filter((kind) => kind.includes('TCP')).length;
    const { redis } = await connect(`redis://${own.address}`);
    redis.subscriber.listen(BUS, { subscribed: () => 0, lost: () => 0, message: () => 0 });
    await own.pause();
    const underWay = redis.data.call('GET', 'x').catch((error: Error) => error);
    const began = performance.now();
    await redis.close();
    expect(performance.now() - began).toBeLessThan(300);
    expect(await underWay).toBeInstanceOf(Error);
    expect(process.getActiveResourcesInfo().filter((kind) => kind.includes('TCP')).length).toBeLessThanOrEqual(before);
    own.resume();
    await own.stop();
  });

  it('is given up when it stops answering, and found again', async () => {
    const own = await startStandalone();
    const { redis, told } = await connect(`redis://${own.address}`);
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('subscribed'),
      lost: (reason) => heard.push(reason),
      message: () => 0,
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await own.pause();
    await expect(redis.data.call('GET', 'x')).rejects.toThrow();
    await eventually('both are lost', () => told.length === 2 && heard.length === 2);
    expect([told[1], heard[1]]).toEqual(['ETIMEDOUT: no answer in time', 'ETIMEDOUT: no answer in time']);
    own.resume();
    await eventually('both are back', () => redis.isReady() && heard.length === 3);
    await own.stop();
  });
});

it('a database that the server does not have fails any boot', async () => {
  const { error, left } = await failure({ url: `redis://${server.address}/99`, required: false });
  expect(error).toMatchObject({ name: 'CacheConfigError', code: 'CONFIG' });
  expect(error.message).toBe(
    `forRoot.redis: ${server.address}: it has no database of this number. Correct the number behind the address.`,
  );
  expect(left()).toEqual([]);
});

describe('a server that is not there', () => {
  it('fails the boot within its time, with address, cause and remedy', async () => {
    const port = await freePort();
    const { error, ms, left } = await failure({ url: `redis://:hush@${HOST}:${port}`, timeout: 400 });
    expect(error).toMatchObject({ name: 'CacheConnectionError', code: 'CONNECTION' });
    expect(error.message).toBe(
      `Redis at ${HOST}:${port} could not be used within 400 ms: ECONNREFUSED, nothing listens there. Start Redis or correct the address. With required: false the application starts without it.`,
    );
    expect(inspect(error, { depth: 9 })).not.toContain('hush');
    expect(ms).toBeGreaterThan(390);
    expect(ms).toBeLessThan(700);
    expect(left()).toEqual([]);
  });

  it('is waited for, within its time', async () => {
    const port = await freePort();
    const late = pause(300).then(() => startStandalone({ port }));
    const { redis } = await connect(`redis://${HOST}:${port}`);
    expect(redis.isReady()).toBe(true);
    await (await late).stop();
  });

  it.each([false, true])('fails the boot when its name is unknown (tls: %s)', async (tls) => {
    const { error } = await failure({ url: 'redis://nowhere.invalid', tls, timeout: 1_000 });
    expect(error.message).toMatch(
      /^Redis at nowhere\.invalid:6379 .*(ENOTFOUND|EAI_AGAIN), the name of the host is unknown/,
    );
  });

  it('fails the boot when it accepts and never answers', async () => {
    const { port, sockets } = await blackHole();
    const { error, ms, left } = await failure({ url: `${HOST}:${port}`, timeout: 500 });
    expect(error.message).toMatch(/within 500 ms: ETIMEDOUT, no answer in time\. Check address, firewall/);
    expect(ms).toBeLessThan(800);
    expect(left()).toEqual([]);
    await eventually('the other side sees the end', () => sockets.length > 0 && sockets.every((one) => one.closed));
  });

  it('does not stop a boot that can do without, and is taken when it appears', async () => {
    const port = await freePort();
    const began = performance.now();
    const { redis, told } = await connect({ url: `redis://${HOST}:${port}`, required: false });
    expect(performance.now() - began).toBeLessThan(500);
    expect([redis.isReady(), told]).toEqual([false, ['ECONNREFUSED: nothing listens there']]);
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('subscribed'),
      lost: () => heard.push('lost'),
      message: () => 0,
    });
    await expect(redis.data.call('GET', 'x')).rejects.toThrow();
    const late = await startStandalone({ port });
    await eventually('it is there', () => redis.isReady() && heard.length > 0);
    expect([told.at(-1), heard]).toEqual(['ready', ['subscribed']]);
    await late.stop();
  });

  it('is waited for only so long by a boot that can do without', async () => {
    const { port } = await blackHole();
    const { redis, told } = await connect({ url: `${HOST}:${port}`, required: false, timeout: 300 });
    expect([redis.isReady(), told]).toEqual([false, ['ETIMEDOUT: no answer in time']]);
  });
});

function listeners(client: object): [unknown, number][] {
  const emitter = client as EventEmitter;
  return emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);
}
