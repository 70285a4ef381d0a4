import { describe, expect, it, onTestFinished } from 'vitest';
import { CacheConfigError } from '../../../libs/cache/src/core/errors.js';
import type { Locks } from '../../../libs/cache/src/core/locks/locks.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { locksOver } from '../../support/locks.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { coordinate } from './support.js';

async function locksOn(policy: string, maxmemory: string): Promise<Locks> {
  const server = await startStandalone();
  onTestFinished(() => server.stop());
  await server.call('CONFIG', 'SET', 'maxmemory-policy', policy, 'maxmemory', maxmemory);
  const engine = new RedisLockEngine(await coordinate(`redis://${server.address}`));
  const locks = locksOver(engine);
  onTestFinished(() => locks.close());
  return locks;
}

describe('a server that may evict any key', () => {
  it.each(['run', 'tryRun'] as const)('gives no lock, and says what to do at once: %s', async (verb) => {
    const locks = await locksOn('allkeys-lru', '100mb');
    const refused = locks[verb]('report', async () => 1);
    await expect(refused).rejects.toThrow(CacheConfigError);
    await expect(refused).rejects.toThrow("maxmemory-policy is 'allkeys-lru'");
  });

  it.each([
    ['volatile-lru', '100mb'],
    ['noeviction', '100mb'],
    ['allkeys-lru', '0'],
  ])('is none with %s and maxmemory %s', async (policy, maxmemory) => {
    expect(await (await locksOn(policy, maxmemory)).run('report', async () => 1)).toBe(1);
  });
});
