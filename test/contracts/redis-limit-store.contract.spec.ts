import { afterAll, inject } from 'vitest';
import type { Coordination } from '../../libs/cache/src/drivers/redis/coordination/coordination.js';
import { RedisLimitStore } from '../../libs/cache/src/drivers/redis/limits/redis-limit-store.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { openCoordination } from '../support/redis/open-coordination.js';
import { pause } from '../support/redis/wait.js';
import { limitStoreContract } from './limit-store.contract.js';

const opened: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(opened.map((close) => close())));

async function coordinated(redis: RedisOption): Promise<Coordination> {
  const calls = await openCoordination(redis, { service: 'contract' });
  opened.push(() => calls.close());
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
