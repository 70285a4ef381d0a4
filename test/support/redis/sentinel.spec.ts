import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { alive } from './alive.js';
import { list } from './reply.js';
import { type SentinelGroup, startSentinel } from './sentinel.js';
import { eventually } from './wait.js';

describe('a group under Sentinel', () => {
  let group: SentinelGroup;
  let client: Redis;

  beforeAll(async () => {
    group = await startSentinel({ password: 'secret' });
    const sentinels = group.sentinels.map(({ host, port }) => ({ host, port }));
    client = new Redis({ sentinels, name: group.name, password: 'secret' });
    client.on('error', () => {});
  });

  afterAll(async () => {
    client.disconnect();
    const pids = [...group.sentinels, ...group.servers].filter(({ running }) => running).map(({ pid }) => pid);
    expect(pids).toHaveLength(5);
    await group.stop();
    expect(pids.filter(alive)).toEqual([]);
  });

  const role = async (at: number) => list((await group.servers[at]?.call('ROLE')) ?? null)[0];

  it('has a primary and a replica', async () => {
    expect(await group.primary()).toBe(group.servers[0]);
    expect([await role(0), await role(1)]).toEqual(['master', 'slave']);
  });

  it('carries what is written to the replica', async () => {
    await client.set('k', 'v');
    expect(await client.wait(1, 2_000)).toBe(1);
  });

  it('changes places when asked, and nothing is lost', async () => {
    const now = await group.failover();
    expect(now).toBe(group.servers[1]);
    expect(await eventually('the client follows', () => client.get('k'))).toBe('v');
    await eventually('the old primary follows', async () => (await role(0)) === 'slave');
  });

  it('replaces a primary that was killed, which comes back as a replica', async () => {
    const [first, second] = group.servers;
    // The replica has to be known as such and in step before it can be chosen.
    await eventually('the replica is linked', async () => list((await first?.call('ROLE')) ?? null)[3] === 'connected');
    await second?.kill();
    expect(second && (await group.primaryOtherThan(second))).toBe(first);
    await second?.restart();
    await eventually('it follows', async () => (await role(1)) === 'slave');
  });
});
