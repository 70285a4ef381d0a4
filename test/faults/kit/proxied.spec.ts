import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blackHole } from './conditions.js';
import { type ProxiedCluster, proxiedCluster } from './proxied.js';

const keys = Array.from({ length: 100 }, (_, at) => `k${at}`);

describe.each([
  ['natMap', false],
  ['announced ports', true],
])('a cluster behind proxies, by %s', (_, announce) => {
  let front: ProxiedCluster;
  let client: Cluster;

  beforeAll(async () => {
    front = await proxiedCluster({ seed: 3, announce });
    client = new Cluster([...front.nodes], { natMap: { ...front.natMap }, redisOptions: { commandTimeout: 400 } });
    client.on('error', () => {});
  });

  afterAll(async () => {
    client.disconnect();
    await front.stop();
  });

  it('is reached only through them', async () => {
    for (const key of keys) expect(await client.set(key, key)).toBe('OK');
    const doors = client.nodes('master').map(({ options }) => options.port ?? 0);
    expect(doors).toHaveLength(3);
    expect(front.proxies.map(({ port }) => port)).toEqual(expect.arrayContaining(doors));
  });

  it('loses one node to a black hole before it, and has it back', async () => {
    const { primary } = await front.cluster.nodesOf('k1');
    front.proxyOf(primary).set(blackHole);
    const answers = await Promise.allSettled(keys.map((key) => client.get(key)));
    const lost = keys.filter((_key, at) => answers[at]?.status === 'rejected');
    const owners = await Promise.all(keys.map((key) => front.cluster.nodesOf(key)));
    expect(lost).toEqual(keys.filter((_key, at) => owners[at]?.primary === primary));
    expect(lost.length).toBeGreaterThan(10);
    front.proxyOf(primary).clear();
    expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys);
  });

  it('is followed through a failover', async () => {
    const { primary } = await front.cluster.nodesOf('k1');
    const now = await front.cluster.failover(primary);
    expect(await client.set('k1', 'new')).toBe('OK');
    expect(await now.call('GET', 'k1')).toBe('new');
    expect(front.proxyOf(now).links.size).toBeGreaterThan(0);
  });
});
