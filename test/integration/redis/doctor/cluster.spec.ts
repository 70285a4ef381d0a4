import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RedisCluster } from '../../../support/redis/cluster.js';
import type { RedisServer } from '../../../support/redis/server.js';
import { startCluster, type ClusterOptions } from '../../../support/redis/start-cluster.js';
import { text } from '../../../support/redis/reply.js';
import { eventually } from '../../../support/redis/wait.js';
import { complaints, examined, finding, shipped } from './support.js';

/** What no setting mends: Debian's server lacks the fixes of 2025. */
const ALWAYS = 'version-floor warning';

const at = (...servers: readonly RedisServer[]) => ({ nodes: servers.map(({ address }) => address) });

describe.each([
  ['cluster.conf', 'data'],
  ['coordination.conf', 'coordination'],
] as const)('of a cluster of six by %s the doctor', (file, purpose) => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await startCluster({ args: () => shipped(file) });
  });
  afterAll(() => cluster.stop());

  const [first, replica] = [() => cluster.nodes[0], () => cluster.nodes[5]].map((node) => () => {
    const server = node();
    if (server === undefined) throw new Error('no such node');
    return server;
  }) as [() => RedisServer, () => RedisServer];

  const said = async () => {
    const all = complaints(await examined(at(first()), { purpose }));
    return all.filter((one) => one !== ALWAYS);
  };

  it('finds all nodes by one of them, and nothing but the version floor', async () => {
    const report = await examined(at(first()), { purpose });
    expect(complaints(report)).toEqual([ALWAYS]);
    expect(report.nodes.toSorted()).toEqual(cluster.nodes.map(({ address }) => address).toSorted());
    expect(report.topology).toBe('cluster');
  });

  it.each([
    ['node-timeout warning', 'cluster-node-timeout', '60000', '5000'],
    ['node-timeout warning', 'cluster-node-timeout', '500', '5000'],
    ['full-coverage warning', 'cluster-require-full-coverage', 'yes', 'no'],
    ['no-failover warning', 'cluster-replica-no-failover', 'yes', 'no'],
    ['reads-when-down warning', 'cluster-allow-reads-when-down', 'yes', 'no'],
    ['eviction-policy critical', 'maxmemory-policy', 'allkeys-lru', purpose === 'data' ? 'volatile-lru' : 'noeviction'],
    ['min-replicas critical', 'min-replicas-to-write', '2', '0'],
  ])('finds %s planted on one node, and which it is: %s %s', async (expected, name, planted, back) => {
    const server = first();
    onTestFinished(async () => void (await server.call('CONFIG', 'SET', name, back)));
    await server.call('CONFIG', 'SET', name, planted);
    const report = await examined(at(replica()), { purpose });
    expect(complaints(report).filter((one) => one !== ALWAYS)).toEqual([expected]);
    expect(finding(report, expected.split(' ')[0] ?? '')?.nodes).toEqual([server.address]);
  });

  it('finds a slot that was left half-way', async () => {
    const [from, to] = await cluster.primaries();
    const id = text(await to?.call('CLUSTER', 'MYID'));
    onTestFinished(async () => void (await from?.call('CLUSTER', 'SETSLOT', 7, 'STABLE')));
    await from?.call('CLUSTER', 'SETSLOT', 7, 'MIGRATING', id);
    expect(await said()).toEqual(['slots-moving note']);
  });

  it('finds a client that reads from a replica', async () => {
    const wire = await replica().open();
    onTestFinished(() => wire.close());
    await wire.call('READONLY');
    expect(await said()).toEqual(['replica-reads note']);
  });
});

describe('of a cluster that lacks something the doctor', () => {
  const start = async (options: ClusterOptions): Promise<RedisCluster> => {
    const cluster = await startCluster({ args: () => shipped('cluster.conf'), ...options });
    onTestFinished(() => cluster.stop());
    return cluster;
  };

  it('finds too few nodes, too few primaries, no replica, and then slots without a server', async () => {
    const { nodes } = await start({ primaries: 1, replicas: 0 });
    const bare = ['node-count warning', 'primaries warning', 'replication-factor warning', ALWAYS];
    expect(complaints(await examined(at(...nodes)))).toEqual(bare);
    await nodes[0]?.call('CLUSTER', 'DELSLOTS', 1, 2, 3);
    const report = await examined(at(...nodes));
    expect(complaints(report)).toEqual(['slot-coverage critical', ...bare]);
    expect(finding(report, 'slot-coverage')?.found).toBe('3 are not');
  });

  it('finds that a cluster does not serve, and why', async () => {
    const { nodes } = await start({ primaries: 1, replicas: 0 });
    await nodes[0]?.call('CONFIG', 'SET', 'cluster-require-full-coverage', 'yes');
    await nodes[0]?.call('CLUSTER', 'DELSLOTS', 1);
    await eventually('it does not serve', async () =>
      String(await nodes[0]?.call('CLUSTER', 'INFO')).includes('cluster_state:fail'),
    );
    const found = complaints(await examined(at(...nodes)));
    expect(found).toEqual(
      expect.arrayContaining(['cluster-state critical', 'slot-coverage critical', 'full-coverage warning']),
    );
  });

  it('finds that one primary has more slots than the others', async () => {
    const { nodes } = await start({ primaries: 2, replicas: 0 });
    const [from, to] = nodes;
    for (const node of nodes) await node.call('CLUSTER', 'DELSLOTSRANGE', 0, 3_000);
    await to?.call('CLUSTER', 'ADDSLOTSRANGE', 0, 3_000);
    const id = text(await to?.call('CLUSTER', 'MYID'));
    await eventually('both know', async () => {
      const views = String(await from?.call('CLUSTER', 'NODES')).split('\n');
      return views.some((line) => line.startsWith(id) && line.includes(' 0-3000 '));
    });
    expect(complaints(await examined(at(...nodes)))).toContain('slot-balance warning');
  });

  it('finds a node that was killed, and what it leaves behind', async () => {
    const cluster = await start({ nodeTimeoutMs: 1_000, args: () => [] });
    const [first] = await cluster.primaries();
    const killed = cluster.nodes[5];
    await killed?.kill();
    await eventually('the others know', async () =>
      String(await first?.call('CLUSTER', 'NODES')).includes('slave,fail '),
    );
    const report = await examined(at(...(first === undefined ? [] : [first])));
    const found = complaints(report);
    expect(found).toEqual(
      expect.arrayContaining(['reachable critical', 'failed-members critical', 'replication-factor warning']),
    );
    expect(finding(report, 'reachable')?.nodes).toEqual([killed?.address]);
  });
});
