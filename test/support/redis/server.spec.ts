import { afterEach, describe, expect, inject, it } from 'vitest';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { alive } from './alive.js';
import { list, ReplyError } from './reply.js';
import type { RedisServer } from './server.js';
import { startStandalone, type Standalone, type StandaloneOptions } from './standalone.js';

const open: RedisServer[] = [];

async function start(options: StandaloneOptions = {}): Promise<Standalone> {
  const server = await startStandalone(options);
  open.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.stop()));
});

const ask = async (server: RedisServer, timeoutMs: number) => (await server.open({ timeoutMs })).call('PING');

async function refused(port: number): Promise<unknown> {
  const [error] = await once(connect(port, '127.0.0.1'), 'error');
  return error.code;
}

describe('a server', () => {
  it('answers on loopback, keeps nothing on disk, and is gone when stopped', async () => {
    const server = await start();
    expect(await server.call('PING')).toBe('PONG');
    expect(await server.call('CONFIG', 'GET', 'save')).toEqual(['save', '']);
    expect(await server.call('CONFIG', 'GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    const { pid, port } = server;
    expect(alive(pid)).toBe(true);
    await server.stop();
    expect(alive(pid)).toBe(false);
    expect(await refused(port)).toBe('ECONNREFUSED');
    expect(() => server.pid).toThrow('does not run');
  });

  it('stands still when paused, and goes on when resumed', async () => {
    const server = await start();
    await expect(ask(server, 200)).resolves.toBe('PONG');
    await server.pause();
    await expect(ask(server, 200)).rejects.toThrow('no answer in 200 ms');
    expect([server.running, server.awake]).toEqual([true, false]);
    server.resume();
    await expect(ask(server, 2_000)).resolves.toBe('PONG');
  });

  it('can be stopped while it stands still', async () => {
    const server = await start();
    const { pid } = server;
    await server.pause();
    await server.stop();
    expect(alive(pid)).toBe(false);
  });

  it('is killed at once, and restarted on its port with its settings, empty', async () => {
    const server = await start({ args: ['--maxmemory', '12345678'] });
    const { pid, port } = server;
    await server.call('SET', 'k', 'v');
    await server.kill();
    expect(alive(pid)).toBe(false);
    expect(await refused(port)).toBe('ECONNREFUSED');
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await server.call('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '12345678']);
    expect(await server.call('GET', 'k')).toBeNull();
  });

  it('restarts while it runs', async () => {
    const server = await start();
    const { pid } = server;
    await server.restart();
    expect(alive(pid)).toBe(false);
    expect(await server.call('PING')).toBe('PONG');
  });

  it('that cannot start says why', async () => {
    await expect(start({ args: ['--no-such-setting', '1'] })).rejects.toThrow(
      /did not start on port[^]*no-such-setting/,
    );
  });

  it('does not take a given port from another', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow('Address already in use');
  });

  it('answers with errors that are thrown', async () => {
    const server = await start();
    await expect(server.call('GET')).rejects.toThrow(ReplyError);
  });
});

describe('a guarded server', () => {
  it('asks for its password', async () => {
    const server = await start({ password: 'secret' });
    expect(await server.call('PING')).toBe('PONG');
    await expect(server.open({ password: 'wrong' })).rejects.toThrow('WRONGPASS');
  });

  it('lets a user do what its ACL says', async () => {
    const acl = ['user default off', 'user cache on >secret ~app:* +get +ping'];
    const server = await start({ acl });
    const wire = await server.open({ username: 'cache', password: 'secret' });
    expect(await wire.call('GET', 'app:k')).toBeNull();
    await expect(wire.call('GET', 'other')).rejects.toThrow('NOPERM');
    await expect(wire.call('SET', 'app:k', 1)).rejects.toThrow('NOPERM');
    wire.close();
    await expect(server.open({ username: 'default', password: 'any' })).rejects.toThrow('WRONGPASS');
  });

  it('speaks TLS to those who know its certificate, and nothing to others', async () => {
    const server = await start({ tls: true });
    const { host, port, tls } = server;
    const quiet = { host, port, retryStrategy: () => null, lazyConnect: true };
    const client = new Redis({ ...quiet, tls: { ca: tls?.ca ?? '' } });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    for (const stranger of [new Redis({ ...quiet, tls: {} }), new Redis(quiet)]) {
      const told = once(stranger, 'error');
      await expect(stranger.connect()).rejects.toThrow();
      expect(String(await told)).toMatch(/certificate|closed|ECONNRESET/);
      stranger.disconnect();
    }
  });
});

describe('the server of en_US.UTF-8', () => {
  const COMPARES = "return { tostring('a' < 'B'), tostring('a' < 'b') }";

  it('compares strings in Lua as English does', async () => {
    const server = await start({ locale: true });
    expect(list(await server.call('EVAL', COMPARES, 0))).toEqual(['true', 'true']);
  });

  it('is seen to differ from a server of C', async () => {
    const server = await start();
    expect(list(await server.call('EVAL', COMPARES, 0))).toEqual(['false', 'true']);
  });
});

describe('the servers of the run', () => {
  const { standalone, locale, sentinel, cluster } = inject('redis');

  it('are there: standalone, en_US.UTF-8, Sentinel and cluster', async () => {
    const clients = [
      new Redis(standalone),
      new Redis(locale),
      new Redis({ sentinels: [...sentinel.sentinels], name: sentinel.name }),
    ];
    for (const client of clients) expect(await client.ping()).toBe('PONG');
    expect(await clients[1]?.eval("return tostring('a' < 'B')", 0)).toBe('true');
    for (const client of clients) client.disconnect();
    expect(cluster).toHaveLength(6);
    const client = new Redis({ ...cluster[0] });
    expect(await client.cluster('INFO')).toContain('cluster_state:ok');
    client.disconnect();
  });
});
