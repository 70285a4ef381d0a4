import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { describe, expect, it } from 'vitest';
import type { RedisCluster, RedisLike, RedisNode } from '../../../libs/cache/src/drivers/redis/redis-client.js';

const redis5 = new Redis5({ lazyConnect: true });
const redis6 = new Redis6({ lazyConnect: true });
const resp3 = new Redis6({ lazyConnect: true, protocol: 3, replyMapping: 'resp3' });
const cluster5 = new Cluster5(['127.0.0.1:1'], { lazyConnect: true });
const cluster6 = new Cluster6(['127.0.0.1:1'], { lazyConnect: true });
const clusterResp3 = new Cluster6(['127.0.0.1:1'], {
  lazyConnect: true,
  redisOptions: { protocol: 3, replyMapping: 'resp3' },
});

/** Compiles only while every class of both versions fits our types without a cast. */
const given: readonly RedisLike[] = [redis5, redis6, resp3, cluster5, cluster6, clusterResp3];
const nodes: readonly RedisNode[] = [redis5, redis6, resp3];
const clusters: readonly RedisCluster[] = [cluster5, cluster6, clusterResp3];

describe('the structural client types', () => {
  it('hold what ioredis 5 and 6 really have', () => {
    for (const client of [...nodes, ...clusters]) {
      for (const method of ['call', 'callBuffer', 'getBuffer', 'sendCommand', 'on', 'once', 'off', 'duplicate']) {
        expect(client).toHaveProperty(method, expect.any(Function));
      }
      expect(client.status).toBe('wait');
      expect(client.options).toBeTypeOf('object');
    }
    for (const node of nodes) {
      expect(node).toHaveProperty('asking', expect.any(Function));
      expect(node.commandQueue?.length).toBe(0);
      expect(node.stream).toBeUndefined();
    }
    for (const cluster of clusters) expect(cluster).toHaveProperty('refreshSlotsCache', expect.any(Function));
    for (const cluster of clusters) expect([cluster.slots, cluster.nodes()]).toEqual([[], []]);
    expect(given).toHaveLength(6);
  });
});
