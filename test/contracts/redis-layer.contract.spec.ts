import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { parseNotice } from '../../libs/cache/src/drivers/redis/bus/notice.js';
import type { RedisConnections } from '../../libs/cache/src/drivers/redis/redis-connections.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { eventually, pause } from '../support/redis/wait.js';
import { layerContract } from './layer.contract.js';
import { CHANNEL, clock, connectTo, entriesUnder } from './redis-layer.place.js';
import { sharedLayerContract, type SharedOpened, type SharedSubject, type Told } from './shared-layer.contract.js';

const opened = new Map<string, Promise<Place>>();

/** Connections that all tests of a server share, and what was told on them. */
interface Place {
  readonly connections: RedisConnections;
  readonly told: Told[];
}

afterAll(async () => {
  for (const place of opened.values()) await (await place).connections.close();
});

function placeOf(name: string, redis: RedisOption): Promise<Place> {
  const place = opened.get(name) ?? connected(redis);
  opened.set(name, place);
  return place;
}

async function connected(redis: RedisOption): Promise<Place> {
  const connections = await connectTo(redis);
  const told: Told[] = [];
  await new Promise<void>((subscribed) => {
    connections.subscriber.listen(CHANNEL, {
      subscribed,
      lost: () => undefined,
      message: (payload) => {
        const notice = parseNotice(payload.toString('latin1'));
        if (notice !== undefined) told.push(notice);
      },
    });
  });
  return { connections, told };
}

/** Each test has keys of its own on the servers that all share. */
function onRedis(name: string, redis: () => RedisOption): SharedSubject {
  const open = async (): Promise<SharedOpened> => {
    const { connections, told } = await placeOf(name, redis());
    const prefix = `app:contract-${randomUUID()}:`;
    const { layer, headers } = entriesUnder(prefix, connections);
    const ours = () => told.filter(({ key }) => key.startsWith(prefix));
    return {
      layer,
      headers,
      now: () => Math.floor(clock.now()),
      pass: pause,
      told: async (count) => {
        await eventually(`${count} changes are told`, () => ours().length >= count);
        return ours().map(({ kind, key, assigned }) => ({ kind, key: key.slice(prefix.length), assigned }));
      },
    };
  };
  return { name, open, tick: 40, isPatient: false, isShared: true };
}

const SUBJECTS = [
  onRedis('Redis standalone', () => ({ url: inject('redis').standalone })),
  onRedis('Redis standalone under en_US.UTF-8', () => ({ url: inject('redis').locale })),
  onRedis('Redis Sentinel', () => inject('redis').sentinel),
  onRedis('Redis Cluster', () => ({ nodes: inject('redis').cluster })),
];

for (const subject of SUBJECTS) {
  layerContract(subject);
  sharedLayerContract(subject);
}
