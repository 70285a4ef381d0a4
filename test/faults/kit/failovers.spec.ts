import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisCluster } from '../../support/redis/cluster.js';
import type { RedisServer } from '../../support/redis/server.js';
import { slotOf } from '../../support/redis/slots.js';
import { startCluster } from '../../support/redis/start-cluster.js';
import { dump, laggingReplicas, restartFromDump, zombiePrimary } from './failovers.js';

const SLOT = slotOf('{lock}');
const NAMES = Array.from({ length: 20 }, (_, at) => `{lock}:${at}`);

let cluster: RedisCluster;

beforeEach(async () => {
  cluster = await startCluster({ replicas: 2 });
});

afterEach(() => cluster.stop());

/** How many of the names this server gives to this owner. */
async function grants(server: RedisServer, owner: string): Promise<number> {
  const wire = await server.open();
  const answers = await Promise.all(NAMES.map((name) => wire.call('SET', name, owner, 'NX', 'PX', 60_000)));
  wire.close();
  return answers.filter((answer) => answer === 'OK').length;
}

/** How many replicas have all that this server has. WAIT speaks of what its own connection wrote, and of all before. */
async function replicated(server: RedisServer): Promise<unknown> {
  const wire = await server.open();
  await wire.call('SET', '{lock}:last', '');
  const replicas = await wire.call('WAIT', 2, 5_000);
  wire.close();
  return replicas;
}

describe('a cluster with two replicas a primary', () => {
  it('has nine nodes, and whoever takes over keeps the other as its replica', async () => {
    expect(cluster.nodes).toHaveLength(9);
    const { primary, replicas } = await cluster.nodesOfSlot(SLOT);
    expect(replicas).toHaveLength(2);
    const next = await cluster.failover(primary);
    await expect.poll(async () => (await cluster.nodesOfSlot(SLOT)).replicas, { timeout: 10_000 }).toHaveLength(2);
    expect((await cluster.nodesOfSlot(SLOT)).primary).toBe(next);
  });
});

describe('the faults that give a lock to two', () => {
  it('a zombie primary grants what waits in its sockets, though its successor has granted it', async () => {
    const { primary } = await cluster.nodesOfSlot(SLOT);
    const wires = await Promise.all(NAMES.map(() => primary.open({ timeoutMs: 30_000 })));
    await Promise.all(wires.map((wire) => wire.call('PING')));
    let queued: Promise<unknown>[] = [];
    const { successor, wake } = await zombiePrimary(cluster, SLOT, () => {
      queued = wires.map((wire, at) => wire.call('SET', NAMES[at] ?? '', 'zombie', 'NX'));
      for (const answer of queued) answer.catch(() => undefined);
    });
    expect(await grants(successor, 'successor')).toBe(NAMES.length);
    wake();
    const answers = await Promise.allSettled(queued);
    for (const wire of wires) wire.close();
    const twice = answers.filter((answer) => answer.status === 'fulfilled' && answer.value === 'OK').length;
    expect(twice).toBeGreaterThan(0);
  });

  it('a primary that dies before its replicas, which lag, have what it granted', async () => {
    const { primary, lose } = await laggingReplicas(cluster, '{lock}:filler');
    expect(await grants(primary, 'first')).toBe(NAMES.length);
    const successor = await lose();
    expect(await grants(successor, 'second')).toBeGreaterThan(0);
  });

  it('a primary that comes back at once from an older dump; not one that comes back after it was replaced', async () => {
    const lost = async (when: 'at once' | 'after failover') => {
      const { primary } = await cluster.nodesOfSlot(SLOT);
      await dump(primary);
      expect(await grants(primary, when)).toBe(NAMES.length);
      expect(await replicated(primary)).toBe(2);
      const now = await restartFromDump(cluster, SLOT, when);
      const again = await grants(now, 'again');
      await now.call('DEL', ...NAMES);
      return again;
    };
    expect(await lost('after failover')).toBe(0);
    expect(await lost('at once')).toBe(NAMES.length);
  });
});
