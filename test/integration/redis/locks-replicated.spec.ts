import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockNotReplicatedError } from '../../../libs/cache/src/core/errors.js';
import type { LockClaim } from '../../../libs/cache/src/core/locks/lock-engine.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually } from '../../support/redis/wait.js';
import { coordinate } from './support.js';

/** A server with a replica that follows it. */
async function pair(): Promise<{ primary: Standalone; replica: Standalone }> {
  const [primary, replica] = await Promise.all([startStandalone(), startStandalone()]);
  onTestFinished(async () => {
    replica.resume();
    await Promise.all([primary.stop(), replica.stop()]);
  });
  await replica.call('REPLICAOF', primary.host, primary.port);
  await eventually('the replica follows', async () => {
    await primary.call('SET', 'follows', 1);
    return (await primary.call('WAIT', 1, 100)) === 1;
  });
  return { primary, replica };
}

let count = 0;

function claim(more: Partial<LockClaim> = {}): LockClaim {
  count += 1;
  return {
    name: `replicated:${count}`,
    owner: randomBytes(16).toString('hex'),
    ttl: 10_000,
    durability: undefined,
    whenUndurable: 'refuse',
    tokens: 1,
    above: 0n,
    queue: false,
    ...more,
  };
}

/** The first lock, which a replica that has just come may be slow to confirm. */
async function warmUp(locks: RedisLockEngine): Promise<void> {
  await expect.poll(() => locks.claim(claim()).then(({ kind }) => kind, String), { timeout: 10_000 }).toBe('granted');
}

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('a server with a replica', () => {
  it('grants what the replica has confirmed, and renews it so', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    const asked = claim();
    expect(await locks.claim(asked)).toMatchObject({ kind: 'granted', durability: 'replicated' });
    expect(await replica.call('EXISTS', `coord:lake:lock:${asked.name.replace(':', ',')}`)).toBe(1);
    expect(await locks.extend({ ...asked, durability: 'replicated' })).toMatchObject({ isWaitedFor: false });
  });

  it('refuses what its replica does not confirm, all of a tick together, and keeps none of it', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    await replica.pause();
    const began = performance.now();
    const asked = Array.from({ length: 64 }, () => claim());
    const reasons = await Promise.all(asked.map((one) => reasonOf(locks.claim(one))));
    // One wait of 500 ms, and not 64.
    expect(performance.now() - began).toBeLessThan(2_000);
    for (const reason of reasons) expect(reason).toBeInstanceOf(LockNotReplicatedError);
    for (const one of asked) {
      const local = { ...one, owner: randomBytes(16).toString('hex'), durability: 'local' } as const;
      await expect.poll(async () => (await locks.claim(local)).kind).toBe('granted');
    }
  });

  it('sends a claim and what waits for its confirmation together, before anything is answered', async () => {
    const { primary } = await pair();
    const redis = await coordinate(`redis://${primary.address}`);
    const locks = new RedisLockEngine(redis);
    await warmUp(locks);
    const lines = await redis.waiting();
    if (lines.kind !== 'standalone') throw new Error('one server is asked');
    await primary.pause();
    onTestFinished(() => primary.resume());
    const answer = locks.claim(claim());
    await expect.poll(() => lines.data.commandQueue?.length, { timeout: 500, interval: 5 }).toBe(2);
    primary.resume();
    expect(await answer).toMatchObject({ kind: 'granted', durability: 'replicated' });
  });

  it('has a claim confirmed anew that had to be sent again, since its server had forgotten the script', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    await primary.call('SCRIPT', 'FLUSH');
    expect(await locks.claim(claim())).toMatchObject({ durability: 'replicated' });
    await primary.call('SCRIPT', 'FLUSH');
    // It has confirmed all that was before, which is what the first WAIT would be told.
    await replica.pause();
    await expect(locks.claim(claim())).rejects.toBeInstanceOf(LockNotReplicatedError);
  });

  it('does not renew what its replica does not confirm', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    const asked = claim();
    await locks.claim(asked);
    await replica.pause();
    const held = { ...asked, durability: 'replicated' } as const;
    await expect(locks.extend(held)).rejects.toBeInstanceOf(LockNotReplicatedError);
    replica.resume();
    await expect.poll(() => locks.extend(held).catch(() => undefined), { timeout: 5_000 }).toBeDefined();
  });

  it('grants it all the same where that is asked for, and says so', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    await replica.pause();
    expect(await locks.claim(claim({ whenUndurable: 'local' }))).toMatchObject({ durability: 'local' });
  });

  it('never asks for fewer because it has fewer', async () => {
    const { primary, replica } = await pair();
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    await warmUp(locks);
    await replica.call('REPLICAOF', 'NO', 'ONE');
    await eventually('the replica is gone', async () =>
      String(await primary.call('INFO', 'replication')).includes('connected_slaves:0'),
    );
    await expect(locks.claim(claim())).rejects.toBeInstanceOf(LockNotReplicatedError);
    const newcomer = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    expect(await newcomer.claim(claim())).toMatchObject({ durability: 'local' });
    const strict = new RedisLockEngine(await coordinate(`redis://${primary.address}`), { replicas: 1 });
    await expect(strict.claim(claim())).rejects.toBeInstanceOf(LockNotReplicatedError);
  });
});

describe('a server whose replica is away for a moment', () => {
  it('has it confirm locks again once it is back, also for who has first counted without it', async () => {
    const { primary, replica } = await pair();
    await replica.call('REPLICAOF', 'NO', 'ONE');
    await eventually('the replica is gone', async () =>
      String(await primary.call('INFO', 'replication')).includes('connected_slaves:0'),
    );
    const locks = new RedisLockEngine(await coordinate(`redis://${primary.address}`));
    expect(await locks.claim(claim())).toMatchObject({ durability: 'local' });
    await replica.call('REPLICAOF', primary.host, primary.port);
    const durability = () =>
      locks.claim(claim()).then((answer) => answer.kind === 'granted' && answer.durability, String);
    await expect.poll(durability, { timeout: 20_000, interval: 200 }).toBe('replicated');
    // Counted with it, it is missed when it is away again.
    await replica.pause();
    await expect(locks.claim(claim())).rejects.toBeInstanceOf(LockNotReplicatedError);
  });
});

describe('a server without replicas', () => {
  it('grants local locks, and refuses to call them replicated', async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const locks = new RedisLockEngine(await coordinate(`redis://${server.address}`));
    expect(await locks.claim(claim())).toMatchObject({ durability: 'local' });
    await expect(locks.claim(claim({ durability: 'replicated' }))).rejects.toBeInstanceOf(LockNotReplicatedError);
    const asked = claim({ durability: 'replicated', whenUndurable: 'local' });
    expect(await locks.claim(asked)).toMatchObject({ durability: 'local' });
  });
});

describe('a lock in Redis', () => {
  it('has no lifetime while it is held, and one when it is free', async () => {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const locks = new RedisLockEngine(await coordinate(`redis://${server.address}`));
    const asked = claim({ name: 'held' });
    await locks.claim(asked);
    expect(await server.call('PTTL', 'coord:lake:lock:held')).toBe(-1);
    await locks.release({ ...asked, durability: 'local' }, 0n);
    expect(Number(await server.call('PTTL', 'coord:lake:lock:held'))).toBeGreaterThan(500_000);
  });

  it('can be renewed and given back where the server has no room left', async () => {
    const server = await startStandalone({ args: ['--maxmemory-policy', 'noeviction'] });
    onTestFinished(() => server.stop());
    const locks = new RedisLockEngine(await coordinate(`redis://${server.address}`));
    const asked = claim({ name: 'held' });
    await locks.claim(asked);
    await server.call('CONFIG', 'SET', 'maxmemory', 1);
    await expect(locks.claim(claim({ name: 'other' }))).rejects.toThrow('OOM');
    expect(await locks.extend({ ...asked, durability: 'local' })).toBeDefined();
    await locks.release({ ...asked, durability: 'local' }, 0n);
    await server.call('CONFIG', 'SET', 'maxmemory', 0);
    expect(await locks.claim(claim({ name: 'held' }))).toMatchObject({ kind: 'granted' });
  });
});
