import { once, type EventEmitter } from 'node:events';
import { Cluster as Cluster5 } from 'ioredis-5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RedisConnections } from '../../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { slotOf } from '../../support/redis/slots.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { eventually } from '../../support/redis/wait.js';
import { BUS, connect, type Connected } from './support.js';

/** The slot table is read every five seconds. */
const NOTICED_MS = 5_000 + 3_000;

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster({ primaries: 3, replicas: 1 });
});
afterAll(() => cluster.stop());

/** With ioredis 6, and with 5. */
async function connectTwice(to: RedisCluster): Promise<readonly [Connected, Connected]> {
  const nodes = to.nodes.map(({ host, port }) => ({ host, port }));
  const client = new Cluster5(nodes, { lazyConnect: true });
  return [await connect({ nodes }), await connect({ client })];
}

async function listening({ subscriber }: RedisConnections): Promise<string[]> {
  const heard: string[] = [];
  subscriber.listen(BUS, {
    subscribed: () => heard.push('up'),
    lost: (reason) => heard.push(reason),
    // An empty one is how a boot asks for the permission to publish; another node may pass it on late.
    message: (payload) => payload.length > 0 && heard.push(String(payload)),
  });
  await eventually('it is subscribed', () => heard.length > 0);
  return heard;
}

describe('a subscription', () => {
  it('is renewed when a primary is replaced, though it is another, and nobody asks for anything', async () => {
    const both = await connectTwice(cluster);
    const heard = await Promise.all(both.map(({ redis }) => listening(redis)));
    const carriers = both.map(({ redis }) => redis.subscriber.server ?? '');
    const primary = (await cluster.primaries()).find(({ address }) => !carriers.includes(address));
    if (primary === undefined) throw new Error('each primary carries a subscription');
    const next = await cluster.failover(primary);
    await eventually('both are renewed', () => heard.every(({ length }) => length === 3), NOTICED_MS);
    const all = ['up', `PRIMARY_GONE: no primary any more: ${primary.address}`, 'up'];
    expect(heard).toEqual([all, all]);
    expect(both.map(({ told }) => told)).toEqual([['ready'], ['ready']]);
    await next.call('PUBLISH', BUS, 'after');
    await eventually('messages arrive', () => heard.every((one) => one.at(-1) === 'after'));
  });

  it('is kept when slots move between primaries that stay', async () => {
    const both = await connectTwice(cluster);
    const heard = await Promise.all(both.map(({ redis }) => listening(redis)));
    const key = 'app:lake:moves:1';
    const { primary } = await cluster.nodesOf(key);
    const to = (await cluster.primaries()).find((one) => one !== primary) ?? primary;
    await cluster.migrateSlot(slotOf(key), to);
    for (const { redis } of both) {
      // Its redirect has the slot table read anew.
      const read = once(redis.data as unknown as EventEmitter, 'refresh');
      expect(await redis.data.call('SET', key, 'v')).toBe('OK');
      await read;
      expect(redis.kind === 'cluster' && redis.ownerOf(slotOf(key))?.key).toBe(to.address);
    }
    expect(heard).toEqual([['up'], ['up']]);
  });
});

it('a command to a slot on its way to a node that is gone fails, and the process goes on', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const own = await startCluster({ primaries: 3, replicas: 0, nodeTimeoutMs: 20_000 });
  const both = await connectTwice(own);
  const key = 'app:lake:moves:1';
  const { primary } = await own.nodesOf(key);
  const to = own.nodes.find((one) => one !== primary) ?? primary;
  await own.beginMigration(slotOf(key), to);
  await to.kill();
  for (const { redis } of both) await expect(redis.data.call('GET', key)).rejects.toThrow();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
  await own.stop();
});
