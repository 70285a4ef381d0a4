import { describe, expect, it, onTestFinished } from 'vitest';
import { CacheConfigError, LockNotReplicatedError } from '../../../libs/cache/src/core/errors.js';
import type { Locks } from '../../../libs/cache/src/core/locks/locks.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { locksOver } from '../../support/locks.js';
import type { RedisServer } from '../../support/redis/server.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';
import { coordinate } from './support.js';

async function processOn(redis: RedisOption): Promise<Locks> {
  const locks = locksOver(new RedisLockEngine(await coordinate(redis)));
  onTestFinished(() => locks.close());
  return locks;
}

/** How often a command came from outside of scripts, as these servers counted since they were reset. */
async function counted(servers: readonly RedisServer[], command: string): Promise<number> {
  let sum = 0;
  for (const server of servers) {
    const stats = String(await server.call('INFO', 'commandstats'));
    sum += Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }
  return sum;
}

async function reset(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.call('CONFIG', 'RESETSTAT')));
}

describe('several names on one server', () => {
  it('are taken by one command, and given back by one', async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const locks = await processOn(`redis://${server.address}`);
    // The server gets to know the scripts.
    await locks.runAll(['x', 'y'], async () => 1);
    await reset([server]);
    await locks.runAll(['a', 'b', 'c'], async () => {
      expect(await counted([server], 'evalsha')).toBe(1);
    });
    expect(await counted([server], 'evalsha')).toBe(2);
    expect(await counted([server], 'eval')).toBe(0);
  });

  it('are refused where one of the keys is of somebody else, and none is held', async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const locks = await processOn(`redis://${server.address}`);
    await server.call('RPUSH', 'coord:lake:lock:b', 'x');
    const refused = locks.runAll(['a', 'b'], async () => 1);
    await expect(refused).rejects.toThrow(CacheConfigError);
    await expect(refused).rejects.toThrow('coord:lake:lock:b');
    expect(await server.call('TYPE', 'coord:lake:lock:b')).toBe('list');
    expect(await locks.tryRun('a', async () => 1)).toEqual({ ran: true, value: 1 });
  });

  it('are confirmed by its replica with one WAIT, or refused and given back', async () => {
    const [primary, replica] = await Promise.all([startStandalone(), startStandalone()]);
    onTestFinished(async () => {
      replica.resume();
      await Promise.all([primary.stop(), replica.stop()]);
    });
    await replica.call('REPLICAOF', primary.host, primary.port);
    await eventually('the replica follows', async () => {
      await primary.call('SET', 'follows', 1);
      return (await primary.call('WAIT', 1, 100)) === 1;
    });
    const locks = await processOn(`redis://${primary.address}`);
    await locks.runAll(['x', 'y'], async () => 1, { wait: 10_000 });
    await reset([primary]);
    await locks.runAll(['a', 'b'], async ({ locks: held }) => {
      expect(held.map(({ durability }) => durability)).toEqual(['replicated', 'replicated']);
      expect(await counted([primary], 'wait')).toBe(1);
      expect(await counted([primary], 'evalsha')).toBe(1);
    });
    await replica.pause();
    // What several ask for in one tick is waited for once.
    const began = performance.now();
    const many = Array.from({ length: 16 }, (_, at) => locks.runAll([`a${at}`, `b${at}`], async () => 1));
    for (const one of await Promise.allSettled(many)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(LockNotReplicatedError) });
    }
    expect(performance.now() - began).toBeLessThan(2_000);
    const local = { durability: 'local', wait: 5_000 } as const;
    expect(await locks.runAll(['a0', 'b0', 'a15', 'b15'], async () => 'free', local)).toBe('free');
  });
});

describe('several names on a cluster', () => {
  it('are taken by one command where they have one hash tag, else one after the other', async () => {
    const cluster = await startCluster({ primaries: 3, replicas: 0 });
    onTestFinished(() => cluster.stop());
    const locks = await processOn({ nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) });
    for (let at = 0; at < 40; at += 1) await locks.runAll([`{x${at}}:1`, `{x${at}}:2`], async () => 1);
    for (let at = 0; at < 40; at += 1) await locks.run(`y${at}`, async () => 1);
    await reset(cluster.nodes);
    await locks.runAll(['{account}:1', '{account}:2', '{account}:3'], async () => {
      expect(await counted(cluster.nodes, 'evalsha')).toBe(1);
    });
    await reset(cluster.nodes);
    await locks.runAll(['account:1', 'account:2', 'account:3'], async ({ locks: held }) => {
      expect(held.map(({ name }) => name)).toEqual(['account:1', 'account:2', 'account:3']);
      expect(await counted(cluster.nodes, 'evalsha')).toBe(3);
    });
  });
});
