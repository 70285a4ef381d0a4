import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LockClaim } from '../../../libs/cache/src/core/locks/lock-engine.js';
import { lockKey } from '../../../libs/cache/src/drivers/redis/locks/lock-key.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import type { RedisCluster } from '../../support/redis/cluster.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { coordinate, SERVICE } from './support.js';

/** What a caller waits for at most, and what a busy machine takes on top. */
const ANSWER_MS = 1_000;
const CONFIRMED_MS = 2_000;
const GRACE_MS = 400;

const claim = (more: Partial<LockClaim> = {}): LockClaim => ({
  name: 'first',
  owner: randomBytes(16).toString('hex'),
  ttl: 10_000,
  durability: undefined,
  whenUndurable: 'refuse',
  tokens: 1,
  above: 0n,
  queue: false,
  ...more,
});

/** How long it takes to be told that it failed. */
async function failing(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await expect(work).rejects.toThrow();
  return performance.now() - began;
}

async function standalone() {
  const server = await startStandalone();
  onTestFinished(async () => {
    server.resume();
    await server.stop();
  });
  return server;
}

/** A cluster that replaces nobody while a test lasts. */
async function cluster(): Promise<RedisCluster> {
  const started = await startCluster({ primaries: 3, replicas: 1, nodeTimeoutMs: 60_000 });
  onTestFinished(async () => {
    for (const node of started.nodes) if (!node.awake) node.resume();
    await started.stop();
  });
  return started;
}

const optionOf = ({ nodes }: RedisCluster) => ({ nodes: nodes.map(({ host, port }) => ({ host, port })) });

/** A name whose lock the same primary has, and one whose lock another has. */
async function namesOf(place: RedisCluster) {
  const { primary } = await place.nodesOf(lockKey(SERVICE, 'there'));
  for (let at = 0; ; at += 1) {
    const elsewhere = `elsewhere-${at}`;
    if ((await place.nodesOf(lockKey(SERVICE, elsewhere))).primary !== primary) return { primary, elsewhere };
  }
}

describe('the first lock on a server that has fallen silent', () => {
  it.each(['local', undefined] as const)(
    'is refused in the time of any other call: durability %s',
    async (durability) => {
      const server = await standalone();
      const redis = await coordinate(`redis://${server.address}`);
      await redis.calls();
      const locks = new RedisLockEngine(redis);
      await server.pause();
      expect(await failing(locks.claim(claim({ durability })))).toBeLessThan(ANSWER_MS + GRACE_MS);
      // It is asked anew when it is back.
      server.resume();
      await expect
        .poll(() => locks.claim(claim()).catch(String), { timeout: 10_000 })
        .toMatchObject({ kind: 'granted' });
    },
  );

  it('is refused in the time of any other that replicas have to confirm', async () => {
    const server = await standalone();
    const redis = await coordinate(`redis://${server.address}`);
    const locks = new RedisLockEngine(redis, { replicas: 1 });
    await locks.claim(claim({ name: 'before', durability: 'local' }));
    await server.pause();
    expect(await failing(locks.claim(claim()))).toBeLessThan(CONFIRMED_MS + GRACE_MS);
  });
});

describe('a cluster of which one primary is silent', () => {
  it('gives first locks on the others, and none of that one', async () => {
    const place = await cluster();
    const { primary, elsewhere } = await namesOf(place);
    const redis = await coordinate(optionOf(place));
    await redis.calls();
    const locks = new RedisLockEngine(redis);
    await primary.pause();
    const silent = failing(locks.claim(claim({ name: 'there', durability: 'local' })));
    expect(await locks.claim(claim({ name: elsewhere, durability: 'local' }))).toMatchObject({ kind: 'granted' });
    expect(await silent).toBeLessThan(ANSWER_MS + GRACE_MS);
  });

  it('gives replicated locks on the others that are asked for together with its own', async () => {
    const place = await cluster();
    const { primary, elsewhere } = await namesOf(place);
    const redis = await coordinate(optionOf(place));
    const locks = new RedisLockEngine(redis);
    const local = { durability: 'local' } as const;
    await Promise.all([
      locks.claim(claim({ name: 'there', ...local })),
      locks.claim(claim({ name: elsewhere, ...local })),
    ]);
    const lines = await redis.waiting();
    if (lines.kind !== 'cluster') throw new Error('a cluster is asked');
    await primary.pause();
    // Opened anew for the next command, which waits for it.
    lines.data
      .nodes('master')
      .find(({ options }) => options.port === primary.port)
      ?.disconnect();
    await expect.poll(() => lines.data.nodes('master').length, { interval: 10 }).toBe(2);
    const began = performance.now();
    const silent = failing(locks.claim(claim({ name: 'there' })));
    const other = { name: elsewhere, owner: randomBytes(16).toString('hex') };
    await locks.claim(claim(other));
    expect(performance.now() - began).toBeLessThan(ANSWER_MS);
    expect(await silent).toBeLessThan(CONFIRMED_MS + GRACE_MS);
  });

  it('is known to evict locks only where it does', async () => {
    const place = await cluster();
    const { primary, elsewhere } = await namesOf(place);
    await primary.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '100mb');
    const locks = new RedisLockEngine(await coordinate(optionOf(place)));
    await expect(locks.claim(claim({ name: 'there' }))).rejects.toThrow("maxmemory-policy is 'allkeys-lru'");
    expect(await locks.claim(claim({ name: elsewhere }))).toMatchObject({ kind: 'granted' });
  });
});
