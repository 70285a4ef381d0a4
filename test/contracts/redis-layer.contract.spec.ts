import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { Codecs } from '../../libs/cache/src/core/entry/codec.js';
import { SystemClock } from '../../libs/cache/src/core/shared/system-clock.js';
import { MessagePackCodec } from '../../libs/cache/src/drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../../libs/cache/src/drivers/codec/tagged-json.js';
import { noticeHead } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import { connectRedis } from '../../libs/cache/src/drivers/redis/connect.js';
import { clusterReads } from '../../libs/cache/src/drivers/redis/layer/cluster-reads.js';
import { RedisLayer } from '../../libs/cache/src/drivers/redis/layer/redis-layer.js';
import { standaloneReads } from '../../libs/cache/src/drivers/redis/layer/standalone-reads.js';
import { resolveRedis } from '../../libs/cache/src/drivers/redis/resolve-redis.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import { layerContract } from './layer.contract.js';
import type { Subject } from './subject.js';

const clock = new SystemClock();
const codecs = new Codecs([new MessagePackCodec(), new TaggedJsonCodec()]);
const opened = new Map<string, Promise<RedisConnections>>();

afterAll(async () => {
  for (const connections of opened.values()) await (await connections).close();
});

function connected(name: string, redis: object): Promise<RedisConnections> {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error(`${name}: no address`);
  const connections = opened.get(name) ?? connectRedis(resolved, { service: 'contract', clock, random: Math.random });
  opened.set(name, connections);
  return connections;
}

/** Each test has keys of its own on the servers that all share. */
function onRedis(name: string, redis: () => object): Subject {
  const open = async () => {
    const connections = await connected(name, redis());
    const prefix = `app:contract-${randomUUID()}:`;
    const reads =
      connections.kind === 'cluster'
        ? clusterReads(connections.data, (slot) => connections.ownerOf(slot))
        : standaloneReads(connections.data);
    const layer = new RedisLayer({
      client: connections.data,
      reads,
      clock,
      codecs,
      fullKey: (id) => prefix + id,
      channel: 'coord:contract:bus',
      notice: (kind) => noticeHead('contract', 1, kind),
    });
    const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    return { layer, now: () => Math.floor(clock.now()), pass };
  };
  return { name, open, tick: 40, isPatient: false, isShared: true };
}

layerContract(onRedis('Redis standalone', () => ({ url: inject('redis').standalone })));
layerContract(onRedis('Redis standalone under en_US.UTF-8', () => ({ url: inject('redis').locale })));
layerContract(onRedis('Redis Sentinel', () => inject('redis').sentinel));
layerContract(onRedis('Redis Cluster', () => ({ nodes: inject('redis').cluster })));
