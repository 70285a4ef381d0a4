import { inject } from 'vitest';
import { RedisPermits } from '../../libs/cache/src/drivers/redis/permits/redis-permits.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { coordinate } from '../integration/redis/support.js';
import { pause } from '../support/redis/wait.js';
import { permitsContract } from './permits.contract.js';

function onRedis(name: string, redis: () => RedisOption): void {
  permitsContract({
    name,
    lease: 150,
    open: async () => {
      const [engine, other] = await Promise.all([permits(redis()), permits(redis())]);
      return { engine, other, pass: pause };
    },
  });
}

async function permits(redis: RedisOption): Promise<RedisPermits> {
  return new RedisPermits(await coordinate(redis));
}

onRedis('Redis standalone', () => ({ url: inject('redis').standalone }));
onRedis('Redis Cluster', () => ({ nodes: inject('redis').cluster }));
