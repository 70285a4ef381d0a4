import { CacheConfigError } from '@datapunk/cache';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterConnections } from '../../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { freePort, HOST } from '../../support/redis/ports.js';
import type { RedisServer } from '../../support/redis/server.js';
import { slotOf } from '../../support/redis/slots.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { blackHole, BUS, connect, failure } from './support.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster({ primaries: 3, replicas: 1 });
});
afterAll(() => cluster.stop());

const nodes = () => cluster.nodes.map(({ address }) => address);
async function connectCluster(timeout = 5_000): Promise<{ redis: ClusterConnections; told: string[] }> {
  const { redis, told } = await connect({ nodes: nodes(), timeout });
  if (redis.kind !== 'cluster') throw new Error('no cluster');
  return { redis, told };
}

describe('a cluster', () => {
  it('is connected to by one of its nodes', async () => {
    const { redis, told } = await connect({ nodes: [{ host: HOST, port: cluster.nodes[0]?.port ?? 0 }] });
    expect([redis.kind, redis.isReady(), told]).toEqual(['cluster', true, ['ready']]);
    const keys = Array.from({ length: 20 }, (_, id) => `app:lake:x:${id}`);
    await Promise.all(keys.map((key) => redis.data.call('SET', key, key)));
    expect(await Promise.all(keys.map((key) => redis.data.call('GET', key)))).toEqual(keys);
  });

  it('is refused where it takes more connections than the process may have', async () => {
    const { error } = await failure({ nodes: nodes() }, { connections: 10 });
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error.message).toContain(
      'a cluster of 3 primaries takes up to 11 connections of each process, more than 10',
    );
    expect(error.message).toContain('Raise forRoot.protection.connections to 11 or more');
  });

  it('is connected to past nodes that are not there', async () => {
    const gone = `${HOST}:${await freePort()}`;
    const { redis } = await connect({ nodes: [gone, ...nodes().slice(0, 1)], required: false });
    await eventually('it is there', () => redis.isReady());
  });

  it('says who owns a slot, once its connection is ready', async () => {
    const { redis } = await connectCluster();
    const key = 'app:lake:x:owner';
    const slot = slotOf(key);
    const { primary } = await cluster.nodesOf(key);
    await redis.data.call('SET', key, 'v');
    const owner = redis.ownerOf(slot);
    expect(owner?.key).toBe(primary.address);
    expect(await owner?.client.getBuffer(key)).toEqual(Buffer.from('v'));
    expect(redis.ownerOf(slot)).toBe(owner);
    expect(redis.ownerOf(16_384)).toBeUndefined();
    owner?.client.disconnect();
    await eventually('nobody owns it', () => redis.ownerOf(slot) === undefined);
    expect(await redis.data.call('GET', key)).toBe('v');
    await eventually('it is connected anew', () => redis.ownerOf(slot)?.key === primary.address);
    expect(redis.ownerOf(slot)).not.toBe(owner);
  });

  it('serves the first commands to a node all at once', async () => {
    const { redis } = await connectCluster();
    const keys = Array.from({ length: 200 }, (_, id) => `app:lake:first:${id}`);
    expect(await Promise.all(keys.map((key) => redis.data.call('GET', key)))).toEqual(keys.map(() => null));
  });

  it('opens no subscriber connection of its own besides ours', async () => {
    const { redis } = await connectCluster();
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push('up'),
      lost: () => 0,
      message: (m) => heard.push(String(m)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    const lists = await Promise.all(cluster.nodes.map((node) => node.call('CLIENT', 'LIST')));
    const names = lists.flatMap((list) => [...String(list).matchAll(/ name=(\S+) /g)].map(([, name]) => name));
    expect(names.filter((name) => name !== 'datapunk-cache:lake')).toEqual(['datapunk-cache:lake:bus']);
    for (const node of cluster.nodes) await node.call('PUBLISH', BUS, String(node.port));
    await eventually('every node is heard', () => heard.length > cluster.nodes.length);
  });

  it('moves its subscription when the node dies', async () => {
    const { redis, told } = await connectCluster();
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push(`up ${redis.subscriber.server}`),
      lost: () => heard.push('lost'),
      message: (payload) => heard.push(String(payload)),
    });
    await eventually('it is subscribed', () => heard.length > 0);
    const carrier = nodeAt(redis.subscriber.server);
    const slot = (await slotsOf(carrier))[0] ?? 0;
    await carrier.kill();
    await eventually('it has moved', () => heard.length > 2);
    expect(heard[1]).toBe('lost');
    expect(heard[2]).not.toBe(heard[0]);
    const next = await cluster.primaryOtherThan(carrier, slot);
    await eventually('the new primary is found', async () => {
      await redis.data.call('GET', keyIn(slot)).catch(() => undefined);
      return redis.ownerOf(slot)?.key === next.address;
    });
    await eventually('messages arrive', async () => {
      await next.call('PUBLISH', BUS, 'after');
      return heard.includes('after');
    });
    expect(told).toEqual(['ready']);
    await carrier.restart();
    await eventually('it follows the new primary', async () =>
      String(await carrier.call('INFO', 'replication')).includes('master_link_status:up'),
    );
  });

  it('moves its subscription when the node stands still, though nobody asks for anything', async () => {
    const own = await startCluster({ primaries: 3, replicas: 0, nodeTimeoutMs: 20_000 });
    const { redis } = await connect({ nodes: own.nodes.map(({ address }) => address) });
    const heard: string[] = [];
    redis.subscriber.listen(BUS, {
      subscribed: () => heard.push(`up ${redis.subscriber.server}`),
      lost: (reason) => heard.push(reason),
      message: () => 0,
    });
    await eventually('it is subscribed', () => heard.length > 0);
    await own.nodes.find(({ address }) => address === redis.subscriber.server)?.pause();
    await eventually('it has moved', () => heard.length > 2);
    expect(heard[1]).toBe('ETIMEDOUT: no answer in time');
    expect(heard[2]).not.toBe(heard[0]);
    await own.stop();
  });

  it('keeps no command for ever while it is away, and comes back', async () => {
    const own = await startCluster({ primaries: 3, replicas: 0 });
    const { redis, told } = await connect({ nodes: own.nodes.map(({ address }) => address) });
    await Promise.all(own.nodes.map((node) => node.kill()));
    await eventually('the loss is told', () => !redis.isReady() && told.length > 1);
    const began = performance.now();
    const outcome = await redis.data.call('GET', 'app:lake:x:1').catch((error: Error) => error);
    expect(outcome).toBeInstanceOf(Error);
    expect(performance.now() - began).toBeLessThan(2_500);
    await Promise.all(own.nodes.map((node) => node.restart()));
    await eventually('it serves', () => redis.data.call('SET', 'app:lake:x:1', 'v').then(String));
    // However often it was lost while the nodes came back: each loss is told once, and its end.
    expect([redis.isReady(), told.at(-1)]).toEqual([true, 'ready']);
    expect(told.map((one) => one === 'ready')).toEqual(told.map((_one, at) => at % 2 === 0));
    await own.stop();
  });

  it('tells each loss of all its nodes, though nobody asks for anything', async () => {
    const own = await startCluster({ primaries: 3, replicas: 0 });
    const { redis, told } = await connect({ nodes: own.nodes.slice(0, 1).map(({ address }) => address) });
    for (let losses = 1; losses <= 3; losses += 1) {
      await Promise.all(own.nodes.map((node) => node.kill()));
      await eventually('the loss is told', () => !redis.isReady() && told.length >= 2 * losses, 2_000);
      await Promise.all(own.nodes.map((node) => node.restart()));
      await eventually('it is back', () => redis.isReady());
    }
    await own.stop();
  });

  it('is left at once, also while its nodes stand still', async () => {
    const own = await startCluster({ primaries: 3, replicas: 0 });
    const { redis } = await connect({ nodes: own.nodes.map(({ address }) => address) });
    redis.subscriber.listen(BUS, { subscribed: () => 0, lost: () => 0, message: () => 0 });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => redis.data.call('GET', `app:lake:x:${id}`)));
    await Promise.all(own.nodes.map((node) => node.pause()));
    const before = sockets();
    const underWay = redis.data.call('GET', 'app:lake:x:1').catch((error: Error) => error);
    await pause(20);
    const began = performance.now();
    await redis.close();
    expect(performance.now() - began).toBeLessThan(400);
    expect(await underWay).toBeInstanceOf(Error);
    expect(sockets()).toBeLessThan(before);
    await own.stop();
  });
});

describe('what is no cluster, or one unseen', () => {
  it('fails the boot: a server given as nodes', async () => {
    const server = await startStandalone();
    for (const required of [true, false]) {
      const { error, ms, left } = await failure({ nodes: [server.address], required });
      expect(error).toMatchObject({ name: 'CacheConfigError', code: 'CONFIG' });
      expect(error.message).toBe(
        `forRoot.redis: ${server.address}: it is no node of a cluster, but forRoot.redis.nodes says so. Write its URL instead: redis: 'redis://host:port'.`,
      );
      expect([left(), ms < 1_000]).toEqual([[], true]);
    }
    await server.stop();
  });

  it('fails the boot: a node given as a server', async () => {
    const [node] = nodes();
    for (const required of [true, false]) {
      const { error, ms, left } = await failure({ url: `redis://${node}`, required });
      expect(error).toMatchObject({ name: 'CacheConfigError', code: 'CONFIG' });
      expect(error.message).toBe(
        `forRoot.redis: ${node}: it is a node of a Redis Cluster, but was given as a single server. Write redis: { nodes: ['host:port', …] }, or pass a Cluster as client.`,
      );
      expect([left(), ms < 1_000]).toEqual([[], true]);
    }
  });

  it('fails the boot: a node that does not say what it is', async () => {
    const acl = ['user default off', 'user cache on >x ~* &* +@all -info'];
    const own = await startCluster({ primaries: 3, replicas: 0, acl });
    const { error } = await failure(`redis://cache:x@${own.nodes[0]?.address}`);
    expect(error.message).toMatch(/it is a node of a Redis Cluster/);
    await own.stop();
  });

  it('fails the boot: a replica, because it takes no writes', async () => {
    const primary = await startStandalone();
    const replica = await startStandalone({ args: ['--replicaof', `${primary.host} ${primary.port}`] });
    const { error, left } = await failure({ url: replica.address, timeout: 700 });
    expect(error.message).toMatch(/within 700 ms: REPLICA, it is a replica and takes no writes\. Write the address of/);
    expect(left()).toEqual([]);
    await Promise.all([replica.stop(), primary.stop()]);
  });
});

describe('a cluster that is not there', () => {
  it('fails the boot with the cause', async () => {
    const { error, ms, left } = await failure({ nodes: [`${HOST}:${await freePort()}`], timeout: 400 });
    expect(error.message).toMatch(/within 400 ms: ECONNREFUSED, nothing listens there/);
    expect(ms).toBeLessThan(700);
    expect(left()).toEqual([]);
  });

  it('fails the boot when it never answers, and leaves no socket', async () => {
    const { port, sockets: accepted } = await blackHole();
    const { error, ms, left } = await failure({ nodes: [`${HOST}:${port}`], timeout: 500 });
    expect(error.message).toMatch(/within 500 ms: ETIMEDOUT, no answer in time/);
    expect(ms).toBeLessThan(800);
    expect(left()).toEqual([]);
    await eventually('all is closed', () => accepted.length > 0 && accepted.every((one) => one.closed));
  });

  it('fails the boot with a wrong password, at once', async () => {
    const own = await startCluster({ primaries: 3, replicas: 0, password: 'hush' });
    const addresses = own.nodes.map(({ address }) => address);
    const { error, ms, left } = await failure({ nodes: addresses, password: 'wrong!' });
    expect(error.message).toMatch(/could not be used: WRONGPASS/);
    expect([left(), ms < 1_000]).toEqual([[], true]);
    const { redis } = await connect({ nodes: addresses.map((one) => `redis://:hush@${one}`) });
    expect(redis.isReady()).toBe(true);
    await own.stop();
  });
});

function nodeAt(address: string | undefined): RedisServer {
  const found = cluster.nodes.find((node) => node.address === address);
  if (found === undefined) throw new Error(`${address} is none of ours`);
  return found;
}

async function slotsOf(primary: RedisServer): Promise<number[]> {
  const slots: number[] = [];
  for (const slot of [0, 5_461, 8_000, 10_923, 16_000]) {
    if ((await cluster.nodesOfSlot(slot)).primary === primary) slots.push(slot);
  }
  return slots;
}

function keyIn(slot: number): string {
  for (let id = 0; ; id += 1) if (slotOf(`app:lake:x:${id}`) === slot) return `app:lake:x:${id}`;
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.includes('TCP')).length;
}
