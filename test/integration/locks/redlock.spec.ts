import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { CacheConfigError, CacheConnectionError, LockTimeoutError } from '../../../libs/cache/src/core/errors.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { ConnectionLimit } from '../../../libs/cache/src/drivers/redis/connection-limit.js';
import { loadRedlock } from '../../../libs/cache/src/drivers/redlock/load-redlock.js';
import { RedlockEngine } from '../../../libs/cache/src/drivers/redlock/redlock-engine.js';
import { independentServers } from '../../../libs/cache/src/drivers/redis/independent-servers.js';
import { resolveIndependent } from '../../../libs/cache/src/drivers/redis/resolve-independent.js';
import { lockKey } from '../../../libs/cache/src/drivers/redis/locks/lock-key.js';
import type { HostPort } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { locksOver } from '../../support/locks.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';

const clock = new SystemClock();

let servers: Standalone[];
beforeAll(async () => {
  servers = await Promise.all([startStandalone(), startStandalone(), startStandalone()]);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const addresses = () => servers.map(({ host, port }) => ({ host, port }));

async function open(nodes: readonly HostPort[] = addresses()) {
  const context = { service: 'lake', clock, random: Math.random, limit: new ConnectionLimit(100) };
  const { servers: independent, close } = await independentServers(
    resolveIndependent(nodes, 'forRoot.locks.nodes'),
    context,
  );
  const keyOf = (name: string) => lockKey('lake', name);
  const engine = new RedlockEngine({ Redlock: loadRedlock(), servers: independent, clock, random: Math.random, keyOf });
  const locks = locksOver(engine, { clock });
  onTestFinished(async () => {
    locks.close();
    await close();
  });
  return locks;
}

let names = 0;
const aName = () => `redlock:${(names += 1)}`;

describe('locks over three independent servers', () => {
  it('have one holder among processes, and tokens that rise', async () => {
    const processes = await Promise.all([open(), open(), open()]);
    const name = aName();
    const tokens: bigint[] = [];
    let holders = 0;
    let most = 0;
    const work = async ({ token }: { token: bigint }) => {
      holders += 1;
      most = Math.max(most, holders);
      tokens.push(token);
      await pause(10);
      holders -= 1;
    };
    const all = [...processes, ...processes].map((locks) => locks.run(name, work, { wait: 20_000 }));
    await Promise.all(all);
    expect(most).toBe(1);
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(tokens).size).toBe(6);
  });

  it('are renewed as long as the work takes, and busy meanwhile', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const name = aName();
    await one.run(
      name,
      async (lock) => {
        await pause(1_500);
        lock.assertHeld();
        expect(await other.tryRun(name, async () => 1)).toEqual({ ran: false });
        await expect(other.run(name, async () => 1, { wait: 200 })).rejects.toThrow(LockTimeoutError);
      },
      { ttl: 500 },
    );
    // The one who gave up may still be giving back what it got too late.
    await expect.poll(() => other.tryRun(name, async () => 1)).toEqual({ ran: true, value: 1 });
  });

  it('go on without one of the servers, not without two, and never let anybody wait for ever', async () => {
    const locks = await open();
    const name = aName();
    const [a, b] = servers as [Standalone, Standalone];
    const before = await locks.run(name, async ({ token }) => token);
    await a.pause();
    const without = await locks.run(name, async ({ token }) => token, { wait: 5_000 });
    expect(without).toBeGreaterThan(before);
    await b.pause();
    await expect(locks.run(name, async () => 1, { wait: 1_000 })).rejects.toThrow();
    a.resume();
    b.resume();
    await eventually('the lock can be had again', () => locks.run(name, async () => true, { wait: 1_000 }));
  });

  it('are lost in time when most servers have forgotten them', async () => {
    const locks = await open();
    const lost = locks.run(
      aName(),
      async (lock) => {
        for (const server of servers.slice(1)) await server.call('FLUSHALL');
        await eventually('the signal fires', () => lock.signal.aborted, 2_000);
      },
      { ttl: 1_000 },
    );
    await expect(lost).rejects.toMatchObject({ code: 'LOCK_LOST' });
  });
});

describe('the boot', () => {
  it('refuses fewer than three servers', async () => {
    await expect(open(addresses().slice(1))).rejects.toThrow(CacheConfigError);
    await expect(open(addresses().slice(1))).rejects.toThrow('2 of 3 servers');
  });

  it('refuses nodes of a cluster', async () => {
    await expect(open(inject('redis').cluster.slice(0, 3))).rejects.toThrow('is no server of its own');
  });

  it('refuses one server under two names', async () => {
    const [one = { host: '', port: 0 }, two = one] = addresses();
    await expect(open([one, two, { host: 'localhost', port: one.port }])).rejects.toThrow('is the same server as');
  });

  it('does not count replicas', async () => {
    const [one, ...replicas] = servers as [Standalone, ...Standalone[]];
    for (const replica of replicas) await replica.call('REPLICAOF', one.host, one.port);
    onTestFinished(async () => {
      for (const replica of replicas) await replica.call('REPLICAOF', 'NO', 'ONE');
    });
    await expect(open()).rejects.toThrow(CacheConnectionError);
  });

  it('needs most of the servers', async () => {
    const [one] = addresses() as [HostPort];
    const nowhere = [
      { host: one.host, port: 1 },
      { host: one.host, port: 2 },
    ];
    await expect(open([one, ...nowhere])).rejects.toThrow(CacheConnectionError);
    expect(await (await open([...addresses(), ...nowhere])).tryRun(aName(), async () => 1)).toMatchObject({
      ran: true,
    });
  });

  it('says how to install the package', () => {
    const missing = () => {
      throw Object.assign(new Error("Cannot find module 'redlock'"), { code: 'MODULE_NOT_FOUND' });
    };
    expect(() => loadRedlock(missing)).toThrow('npm install redlock@5.0.0-beta.2');
  });
});
