import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { RedisRetryCoordinator } from '../../libs/cache/src/drivers/redis/retries/redis-retry-coordinator.js';
import { coordinate } from '../integration/redis/support.js';
import { pause } from '../support/redis/wait.js';
import { retriesContract } from './retries.contract.js';

const PLACES: Readonly<Record<string, () => RedisOption>> = {
  'Redis standalone': () => ({ url: inject('redis').standalone }),
  'Redis Cluster': () => ({ nodes: inject('redis').cluster }),
};

for (const [name, redis] of Object.entries(PLACES)) {
  retriesContract(name, async () => ({
    coordinator: new RedisRetryCoordinator(await coordinate(redis())),
    pass: pause,
    fresh: () => `contract-${randomUUID()}`,
  }));
}
