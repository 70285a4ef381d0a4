import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { guardAsking } from './asking-guard.js';
import type { RedisCluster } from './redis-client.js';

it('asks at once, as the node would, and keeps to itself that it failed', async () => {
  const asked: unknown[] = [];
  const node = {
    asking: async function (this: unknown): Promise<string> {
      asked.push(this);
      throw new Error('Connection is closed.');
    },
  };
  const cluster = new EventEmitter();
  guardAsking(cluster as unknown as RedisCluster);
  cluster.emit('+node', node);
  const outcome = node.asking();
  expect(asked).toEqual([node]);
  expect(await outcome).toBeUndefined();
});
