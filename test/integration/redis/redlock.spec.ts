import { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LockClaim, LockGrant } from '../../../libs/cache/src/core/locks/lock-engine.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { loadRedlock } from '../../../libs/cache/src/drivers/redlock/load-redlock.js';
import { RedlockEngine } from '../../../libs/cache/src/drivers/redlock/redlock-engine.js';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { pause } from '../../support/redis/wait.js';

const KEY = 'coord:lake:lock:a';
const clock = new SystemClock();

let servers: RedisServer[];
beforeEach(async () => {
  servers = await Promise.all([startStandalone(), startStandalone(), startStandalone()]);
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
});

function clients(): Redis[] {
  const opened = servers.map(({ host, port }) => {
    const client = new Redis(port, host, { enableOfflineQueue: true, maxRetriesPerRequest: 0 });
    return client.on('error', () => undefined);
  });
  onTestFinished(() => opened.forEach((client) => client.disconnect()));
  return opened;
}

/** A process of its own. */
function engine(): RedlockEngine {
  const independent = clients().map((client, at) => ({
    address: servers[at]?.address ?? '',
    call: (command: string, ...args: (string | number)[]) => client.call(command, ...args),
    isReady: () => client.status !== 'end',
  }));
  const keyOf = (name: string) => `coord:lake:lock:${name}`;
  return new RedlockEngine({ Redlock: loadRedlock(), servers: independent, clock, random: Math.random, keyOf });
}

const claim = (owner: string, more: Partial<LockClaim> = {}): LockClaim => ({
  name: 'a',
  owner,
  ttl: 5_000,
  durability: undefined,
  whenUndurable: 'refuse',
  tokens: 10,
  above: 0n,
  queue: true,
  ...more,
});

async function granted(one: RedlockEngine, owner: string, more: Partial<LockClaim> = {}): Promise<LockGrant> {
  const answer = await one.claim(claim(owner, more));
  if (answer.kind !== 'granted') throw new Error('it is busy');
  return answer;
}

const held = (owner: string) => ({ name: 'a', owner, ttl: 5_000, durability: 'replicated' }) as const;

describe('a lock over three independent servers', () => {
  it('has one holder, is extended and released', async () => {
    const [one, two] = [engine(), engine()];
    await granted(one, 'x');
    expect(await two.claim(claim('y'))).toMatchObject({ kind: 'busy' });
    expect(await one.extend(held('x'))).toMatchObject({ isWaitedFor: true });
    await one.release(held('x'));
    expect(await one.extend(held('x'))).toBeUndefined();
    await granted(two, 'y');
  });

  it('is forgotten when it is released, though it is being extended at the time', async () => {
    const one = engine();
    await granted(one, 'x');
    const extended = one.extend(held('x'));
    await one.release(held('x'));
    expect(await extended).toBeUndefined();
    expect(await one.extend(held('x'))).toBeUndefined();
    // There is nothing left to release, which redlock would call an error.
    await expect(one.release(held('x'))).resolves.toBeUndefined();
    await granted(engine(), 'y');
  });

  it('is free again when its time is over', async () => {
    const [one, two] = [engine(), engine()];
    await granted(one, 'x', { ttl: 200 });
    await pause(250);
    await granted(two, 'y');
    expect(await one.extend(held('x'))).toBeUndefined();
  });

  it('is held with one server away, and refused with two', async () => {
    const one = engine();
    await servers[0]?.kill();
    await granted(one, 'x');
    await one.release(held('x'));
    await servers[1]?.kill();
    await expect(one.claim(claim('y'))).rejects.toThrow('no majority of the 3 servers answers');
  });

  it('lets nobody wait for servers that are silent', async () => {
    const one = engine();
    await granted(one, 'x');
    await Promise.all([servers[0]?.pause(), servers[1]?.pause()]);
    await expect(one.extend(held('x'))).rejects.toThrow('no majority');
    await expect(one.claim(claim('y'))).rejects.toThrow('no majority');
    servers[0]?.resume();
    servers[1]?.resume();
  });

  it('gives tokens that rise, from process to process, also when a server lost all it knew', async () => {
    let last = 0n;
    for (const [round, gone] of [0, 1, 2, 0].entries()) {
      const one = engine();
      const { token, last: end } = await granted(one, `x${round}`);
      expect(token).toBeGreaterThan(last);
      expect(end).toBe(token + 9n);
      last = end;
      await one.release(held(`x${round}`));
      await servers[gone]?.call('FLUSHALL');
    }
  });

  it('gives tokens above what its caller has seen', async () => {
    const above = BigInt(Date.now() + 3_600_000) * 1_000n;
    expect((await granted(engine(), 'x', { above })).token).toBe(above + 1n);
  });
});

describe('a majority that comes when the time is over', () => {
  const slow = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.call('CLIENT', 'PAUSE', '400', 'ALL')));
  };

  it('is no lock', async () => {
    const one = engine();
    await granted(one, 'x');
    await one.release(held('x'));
    await slow();
    expect(await one.claim(claim('y', { ttl: 200 }))).toMatchObject({ kind: 'busy' });
  });

  it('is one to the package itself (control)', async () => {
    const Redlock = loadRedlock();
    const redlock = new Redlock(clients() as never, { retryCount: 0, driftFactor: 0.01 });
    await (await redlock.acquire([KEY], 1_000)).release();
    await slow();
    const lock = await redlock.acquire([KEY], 200);
    expect(lock.expiration).toBeLessThan(Date.now());
  });
});
