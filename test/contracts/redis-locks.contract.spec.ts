import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from 'vitest';
import { RedisLockEngine } from '../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import type { RedisOption } from '../../libs/cache/src/drivers/redis/redis-option.js';
import { coordinate } from '../integration/redis/support.js';
import type { RedisCluster } from '../support/redis/cluster.js';
import { startCluster } from '../support/redis/start-cluster.js';
import { startStandalone, type Standalone } from '../support/redis/standalone.js';
import { jointLocksContract } from './joint-locks.contract.js';
import { lockEngineContract } from './lock-engine.contract.js';

let server: Standalone;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startStandalone(), startCluster({ primaries: 3, replicas: 1 })]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

async function processes(redis: RedisOption) {
  const [one, other] = await Promise.all([coordinate(redis), coordinate(redis)]);
  return { one: new RedisLockEngine(one), other: new RedisLockEngine(other), pass: sleep };
}

describe('locks on standalone Redis', () => {
  const open = () => processes(`redis://${server.address}`);
  lockEngineContract(open);
  jointLocksContract(open);
});

describe('locks on a Cluster', () => {
  const open = () => processes({ nodes: cluster.nodes.map(({ host, port }) => ({ host, port })) });
  lockEngineContract(open);
  jointLocksContract(open);
});
