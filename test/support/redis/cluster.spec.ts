import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from 'ioredis';
import { alive } from './alive.js';
import type { RedisCluster } from './cluster.js';
import type { RedisServer } from './server.js';
import { slotOf } from './slots.js';
import { startCluster } from './start-cluster.js';
import { eventually } from './wait.js';

let cluster: RedisCluster;
const clients: Cluster[] = [];

beforeAll(async () => {
  cluster = await startCluster();
});

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

afterAll(async () => {
  const pids = cluster.nodes.filter(({ running }) => running).map(({ pid }) => pid);
  expect(pids).toHaveLength(6);
  await cluster.stop();
  expect(pids.filter(alive)).toEqual([]);
});

function connect(): Cluster {
  const client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })));
  clients.push(client);
  return client;
}

/** A primary that does not serve the key. */
async function otherPrimary(key: string): Promise<RedisServer> {
  const { primary } = await cluster.nodesOf(key);
  const other = (await cluster.primaries()).find((node) => node !== primary);
  if (!other) throw new Error('there is only one primary');
  return other;
}

describe('slots', () => {
  it.each(['', 'a', 'ключ', '{a}b', 'x{a}', '{}{a}', '{a', 'a}{b}', '{{a}}', 'app:lake:city:1'])(
    'of %j are those of the server',
    async (key) => {
      expect(slotOf(key)).toBe(await cluster.nodes[0]?.call('CLUSTER', 'KEYSLOT', key));
    },
  );
});

describe('a cluster', () => {
  it('is three primaries with a replica each, and knows who serves a key', async () => {
    expect(await cluster.primaries()).toHaveLength(3);
    const { primary, replicas, slot } = await cluster.nodesOf('a');
    expect(slot).toBe(15_495);
    expect(replicas).toHaveLength(1);
    expect(await primary.call('SET', 'a', '1')).toBe('OK');
    await expect((await otherPrimary('a')).call('GET', 'a')).rejects.toThrow(`MOVED 15495 ${primary.address}`);
  });

  it('puts a replica in the place of a primary when asked', async () => {
    const before = await cluster.nodesOf('a');
    const now = await cluster.failover(before.primary);
    expect([now]).toEqual(before.replicas);
    const after = await cluster.nodesOf('a');
    expect(after.primary).toBe(now);
    expect(await now.call('GET', 'a')).toBe('1');
    await eventually('the old primary follows', async () => (await cluster.nodesOf('a')).replicas.length === 1);
  });

  it('does not fail over to a node that is no replica', async () => {
    const { replicas } = await cluster.nodesOf('a');
    await expect(Promise.all(replicas.map((replica) => cluster.failover(replica)))).rejects.toThrow('is no primary');
  });

  it('replaces a primary that was killed, and takes it back as a replica', async () => {
    const { primary, slot, replicas } = await cluster.nodesOf('a');
    await primary.kill();
    expect([await cluster.primaryOtherThan(primary, slot)]).toEqual(replicas);
    await primary.restart();
    await eventually('it follows', async () => (await cluster.nodesOf('a')).replicas[0] === primary);
  });

  it('replaces a primary that stands still', async () => {
    const { primary, slot } = await cluster.nodesOf('b');
    await primary.pause();
    expect(await cluster.primaryOtherThan(primary, slot)).not.toBe(primary);
    primary.resume();
    await eventually('it follows', async () => (await cluster.nodesOf('b')).replicas[0] === primary);
  });
});

describe('a slot that moves', () => {
  const keys = Array.from({ length: 100 }, (_, at) => `{moving}:${at}`);

  it('is in two places until it has moved', async () => {
    const { primary: from, slot } = await cluster.nodesOf('{moving}');
    const to = await otherPrimary('{moving}');
    for (const key of keys) await from.call('SET', key, key);
    const migration = await cluster.beginMigration(slot, to);
    expect(await migration.moveKeys(30)).toBe(30);
    const answers = await Promise.allSettled(keys.map((key) => from.call('GET', key)));
    const redirected = answers.filter((answer) => answer.status === 'rejected');
    expect(redirected).toHaveLength(30);
    expect(String(redirected[0]?.reason)).toContain(`ASK ${slot} ${to.address}`);
    await expect(from.call('MGET', ...keys)).rejects.toThrow('TRYAGAIN');
    expect(await migration.moveKeys()).toBe(70);
    await migration.finish();
    expect((await cluster.nodesOf('{moving}')).primary).toBe(to);
    expect(await to.call('MGET', ...keys)).toEqual(keys);
  });

  it('takes keys of any bytes with it', async () => {
    const { primary: from, slot } = await cluster.nodesOf('{bytes}');
    const wire = await from.open({ encoding: 'latin1' });
    await wire.call('SET', '{bytes}\u00ff\u0000\r\n', '\u0080');
    wire.close();
    const to = await otherPrimary('{bytes}');
    await cluster.migrateSlot(slot, to);
    const there = await to.open({ encoding: 'latin1' });
    expect(await there.call('GET', '{bytes}\u00ff\u0000\r\n')).toBe('\u0080');
    there.close();
  });

  it('is not moved to where it is', async () => {
    const { primary, slot } = await cluster.nodesOf('{moving}');
    await expect(cluster.migrateSlot(slot, primary)).rejects.toThrow('has slot');
  });

  it('gives right answers to a client that reads and writes meanwhile', async () => {
    const client = connect();
    const names = Array.from({ length: 2_000 }, (_, at) => `{load}:${at}`);
    await Promise.all(names.map((key) => client.set(key, key)));
    const { slot } = await cluster.nodesOf('{load}');
    const moved = cluster.migrateSlot(slot, await otherPrimary('{load}'));
    const state = { moving: true };
    void moved.finally(() => (state.moving = false));
    let wrong = 0;
    while (state.moving) {
      const values = await Promise.all(
        names.slice(0, 64).map((key) => client.set(key, key).then(() => client.get(key))),
      );
      wrong += values.filter((value, at) => value !== names[at]).length;
    }
    await moved;
    const values = await Promise.all(names.map((key) => client.get(key)));
    expect([wrong, values]).toEqual([0, names]);
  });
});

describe('a guarded cluster', () => {
  it('replicates and moves keys by its password', async () => {
    const guarded = await startCluster({ primaries: 3, replicas: 0, password: 'secret' });
    try {
      const { primary, slot } = await guarded.nodesOf('k');
      await primary.call('SET', 'k', 'v');
      const to = (await guarded.primaries()).find((node) => node !== primary);
      if (to) await guarded.migrateSlot(slot, to);
      expect(await to?.call('GET', 'k')).toBe('v');
    } finally {
      await guarded.stop();
    }
  });
});
