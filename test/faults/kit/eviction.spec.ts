import { expect, it, onTestFinished } from 'vitest';
import { startStandalone } from '../../support/redis/standalone.js';
import { evictionPressure, type EvictionPolicy } from './eviction.js';

/** How many of 200 keys with and of 200 without a lifetime are there under pressure. */
async function survivors(policy: EvictionPolicy) {
  const server = await startStandalone();
  onTestFinished(() => server.stop());
  for (let at = 0; at < 200; at += 1) {
    await server.call('SET', `volatile:${at}`, 'held', 'PX', 600_000);
    await server.call('SET', `lasting:${at}`, 'held');
  }
  const evicted = await evictionPressure(server, policy);
  const left = async (pattern: string) => ((await server.call('KEYS', pattern)) as string[]).length;
  const refused = await server.call('SET', 'one-more', 'x'.repeat(100_000)).then(
    () => false,
    (error: Error) => error.message.startsWith('OOM'),
  );
  return { evicted, volatile: await left('volatile:*'), lasting: await left('lasting:*'), refused };
}

it('a full server evicts a lock that has a lifetime, and not one that has none', async () => {
  const { evicted, volatile, lasting } = await survivors('volatile-lru');
  expect(evicted).toBeGreaterThan(0);
  expect(volatile).toBeLessThan(200);
  expect(lasting).toBe(200);
});

it('where all keys may go, neither is safe', async () => {
  const { volatile, lasting } = await survivors('allkeys-lru');
  expect(volatile).toBeLessThan(200);
  expect(lasting).toBeLessThan(200);
});

it('one that may not evict keeps all, and refuses what needs memory', async () => {
  expect(await survivors('noeviction')).toEqual({ evicted: 0, volatile: 200, lasting: 200, refused: true });
});
