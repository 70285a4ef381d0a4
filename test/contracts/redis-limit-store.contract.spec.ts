import { afterAll, inject } from 'vitest';
import { SystemClock } from '../../libs/cache/src/core/shared/system-clock.js';
import { coordination, type Coordination } from '../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { ConnectionLimit } from '../../libs/cache/src/drivers/redis/connection-limit.js';
import { RedisLimitStore } from '../../libs/cache/src/drivers/redis/limits/redis-limit-store.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { resolveRedis } from '../../libs/cache/src/drivers/redis/resolve-redis.js';
import { ServerClock } from '../../libs/cache/src/drivers/redis/server-clock.js';
import { pause } from '../support/redis/wait.js';
import { limitStoreContract } from './limit-store.contract.js';
import { connectTo } from './redis-layer.place.js';

const opened: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(opened.map((close) => close())));

async function coordinated(redis: RedisOption): Promise<Coordination> {
  const resolved = resolveRedis({ redis });
  if (resolved === undefined) throw new Error('no address');
  const connections = await connectTo(redis);
  const clock = new SystemClock();
  const calls = coordination(resolved, {
    service: 'contract',
    clock,
    dates: new ServerClock(clock),
    random: Math.random,
    limit: new ConnectionLimit(100),
    subscriber: connections.subscriber,
  });
  opened.push(async () => {
    await calls.close();
    await connections.close();
  });
  return calls;
}

const SUBJECTS: readonly [string, () => RedisOption][] = [
  ['Redis standalone', () => ({ url: inject('redis').standalone })],
  ['Redis standalone under en_US.UTF-8', () => ({ url: inject('redis').locale })],
  ['Redis Cluster', () => ({ nodes: inject('redis').cluster })],
];

for (const [name, redis] of SUBJECTS) {
  let calls: Promise<Coordination> | undefined;
  const open = async () => {
    calls ??= coordinated(redis());
    const store = new RedisLimitStore(await calls, 1_000);
    await store.probe();
    return store;
  };
  limitStoreContract({ name, open, pass: pause, span: 1_200 });
}
