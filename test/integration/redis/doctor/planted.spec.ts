import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { SystemClock } from '../../../../libs/cache/src/core/shared/system-clock.js';
import { list } from '../../../support/redis/reply.js';
import { settings } from '../../../support/redis/settings.js';
import { startStandalone, type Standalone } from '../../../support/redis/standalone.js';
import { eventually } from '../../../support/redis/wait.js';
import type { Arg, Wire } from '../../../support/redis/wire.js';
import { complaints, examined } from './support.js';

/** As the standard asks, as far as one server can be. */
const GOOD = settings({
  save: '900 1',
  maxmemory: '100mb',
  'maxmemory-policy': 'volatile-lru',
  maxclients: 10_000,
});

/** What is said of the best single server of Debian. */
const ALWAYS = ['cluster-mode warning', 'version-floor warning', 'replicas note'];

async function start(...args: string[]): Promise<Standalone> {
  const server = await startStandalone({ args: [...GOOD, ...args] });
  onTestFinished(() => server.stop());
  return server;
}

async function said(server: Standalone, options?: Parameters<typeof examined>[1]): Promise<string[]> {
  const all = complaints(await examined(`redis://${server.address}`, options));
  return all.filter((one) => !ALWAYS.includes(one));
}

describe('on one server the doctor', () => {
  let server: Standalone;

  beforeAll(async () => {
    server = await startStandalone({ args: GOOD });
  });
  afterAll(() => server.stop());

  /** Settings as they are now, to be put back. */
  const settingsOf = async (names: readonly string[]): Promise<Arg[]> => {
    const values = await Promise.all(names.map(async (name) => list(await server.call('CONFIG', 'GET', name))));
    return values.flatMap(([name, value]) => [String(name), String(value)]);
  };

  it('finds nothing that was not planted', async () => {
    expect(complaints(await examined(`redis://${server.address}`))).toEqual(ALWAYS);
  });

  it.each<[string, ...string[]]>([
    ['snapshots warning', 'save', ''],
    ['snapshots warning', 'save', '3600 1'],
    ['snapshots warning', 'save', '60 10000'],
    ['append-only-file note', 'appendonly', 'yes'],
    ['append-only-file warning', 'appendonly', 'yes', 'appendfsync', 'always'],
    ['eviction-policy critical', 'maxmemory-policy', 'allkeys-lru'],
    ['eviction-policy critical', 'maxmemory-policy', 'allkeys-random'],
    ['eviction-policy warning', 'maxmemory-policy', 'noeviction'],
    ['eviction-policy note', 'maxmemory-policy', 'volatile-ttl'],
    ['memory-limit warning', 'maxmemory', '0'],
    ['memory-reserve warning', 'maxmemory', '9000gb'],
    ['memory-fill critical', 'maxmemory', '500kb'],
    ['client-limit warning', 'maxclients', '5000'],
    ['idle-timeout warning', 'timeout', '300'],
    ['keep-alive note', 'tcp-keepalive', '0'],
    ['subscriber-buffer warning', 'client-output-buffer-limit', 'pubsub 1048576 524288 60'],
    ['keyspace-events note', 'notify-keyspace-events', 'KEA'],
    ['open-door note', 'bind', '127.0.0.1 -192.0.2.1'],
    ['replica-writes critical', 'replica-read-only', 'no'],
    ['replication-backlog note', 'repl-backlog-size', '16384'],
    ['min-replicas critical', 'min-replicas-to-write', '1'],
  ])('finds a planted %s: %s %s', async (expected, ...planted) => {
    const before = await settingsOf(planted.filter((_, at) => at % 2 === 0));
    onTestFinished(async () => void (await server.call('CONFIG', 'SET', ...before)));
    await server.call('CONFIG', 'SET', ...planted);
    expect(await said(server)).toEqual([expected]);
  });

  it.each([
    ['keys-without-ttl warning', ['SET', 'app:shop:product:7', '1']],
    ['foreign-keys note', ['SET', 'session:7', '1', 'EX', '60']],
  ])('finds a planted %s', async (expected, command) => {
    onTestFinished(async () => void (await server.call('FLUSHALL')));
    await server.call(...command);
    expect(await said(server)).toEqual([expected]);
  });

  it('takes a lock, which has no lifetime, for none of them', async () => {
    onTestFinished(async () => void (await server.call('FLUSHALL')));
    await server.call('SET', 'coord:shop:lock:report', '1');
    expect(await said(server)).toEqual([]);
  });

  it('finds a policy that spares values where there are only locks and limits', async () => {
    expect(await said(server, { purpose: 'coordination' })).toEqual(['eviction-policy warning']);
  });

  it('finds that the clock of this machine is wrong', async () => {
    class Late extends SystemClock {
      override now(): number {
        return super.now() - 3_600_000;
      }
    }
    expect(await said(server, { clock: new Late() })).toEqual(['clock-here note']);
  });
});

/** Wires that stay open until the test ends. */
async function crowd(server: Standalone, count: number): Promise<Wire[]> {
  const wires = await Promise.all(Array.from({ length: count }, () => server.open()));
  onTestFinished(() => wires.forEach((wire) => wire.close()));
  await Promise.all(wires.map((wire) => wire.call('PING').catch(() => undefined)));
  return wires;
}

describe('on a server of its own the doctor', () => {
  it('finds more than 100 connections of one client', async () => {
    const server = await start();
    await crowd(server, 100);
    expect(await said(server)).toEqual(['connections-per-client warning']);
  });

  it('finds that hardly a client may still come', async () => {
    const server = await start('--maxclients', '20');
    await crowd(server, 18);
    expect(await said(server)).toEqual(['client-fill critical', 'client-limit warning']);
  });

  it('finds that clients were refused', async () => {
    const server = await start('--maxclients', '3');
    const wires = await crowd(server, 5);
    for (const wire of wires) wire.close();
    await eventually(
      'there is room again',
      async () => (await server.call('CONFIG', 'SET', 'maxclients', '10000')) === 'OK',
    );
    expect(await said(server)).toEqual(['refused-connections note']);
  });

  it('finds that a snapshot could not be written', async () => {
    const server = await start();
    rmSync(String(list(await server.call('CONFIG', 'GET', 'dir'))[1]), { recursive: true });
    await server.call('BGSAVE').catch(() => undefined);
    await eventually('the snapshot has failed', async () =>
      String(await server.call('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'),
    );
    expect(await said(server)).toEqual(['snapshot-failed critical']);
  });

  it('finds a replica that does not hear its primary', async () => {
    const server = await start();
    await server.call('REPLICAOF', '127.0.0.1', '1');
    expect(await said(server)).toEqual(['replica-link critical']);
  });

  it.each([
    ['commands critical', 'EVAL'],
    ['commands critical', 'WAIT'],
  ])('finds %s: a server without %s', async (expected, command) => {
    expect(await said(await start('--rename-command', command, ''))).toEqual([expected]);
  });

  it('finds a server without CLIENT: no tracking, and nobody says who is connected', async () => {
    const found = await said(await start('--rename-command', 'CLIENT', ''));
    expect(found).toEqual(['tracking note', 'connections-per-client unknown']);
  });

  it('finds what a coordination server has evicted', async () => {
    const server = await start();
    await server.call('CONFIG', 'SET', 'maxmemory', '3mb');
    for (let at = 0; at < 400; at += 1)
      await server.call('SET', `coord:shop:ratelimit:${at}`, 'x'.repeat(10_000), 'EX', 60);
    await server.call('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'noeviction');
    expect(await said(server, { purpose: 'coordination' })).toEqual(['coordination-evicted critical']);
  });
});
