import { Cluster, Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startStandalone } from '../../../support/redis/standalone.js';
import { complaints, examined, finding } from './support.js';

const { sentinel, cluster, standalone } = inject('redis');

describe('the doctor comes', () => {
  it('to the primary that sentinels name', async () => {
    const report = await examined(sentinel);
    expect(report.topology).toBe('standalone');
    expect(finding(report, 'reachable')?.severity).toBe('ok');
    expect(finding(report, 'replicas')?.severity).toBe('ok');
  });

  it('to all nodes that a cluster client of the application knows', async () => {
    const client = new Cluster(cluster.map(({ host, port }) => ({ host, port })));
    onTestFinished(() => client.disconnect());
    await client.ping();
    const report = await examined({ client });
    expect(report.topology).toBe('cluster');
    expect(report.nodes).toHaveLength(6);
    expect(finding(report, 'reachable')?.severity).toBe('ok');
  });

  it('to the server of a client of the application, which it leaves alone', async () => {
    const client = new Redis(standalone);
    onTestFinished(() => client.disconnect());
    const report = await examined({ client });
    expect(finding(report, 'reachable')?.severity).toBe('ok');
    expect(await client.ping()).toBe('PONG');
  });

  it('over TLS', async () => {
    const server = await startStandalone({ tls: true });
    onTestFinished(() => server.stop());
    const url = `rediss://${server.address}`;
    expect(finding(await examined({ url, tls: { ca: server.tls?.ca } }), 'reachable')?.severity).toBe('ok');
    expect(complaints(await examined(url))).toEqual(['reachable critical']);
  });

  it('once to a node that was named twice', async () => {
    const [first] = cluster;
    const one = `${first?.host}:${first?.port}`;
    const { nodes } = await examined({ nodes: [one, one] });
    expect(nodes).toHaveLength(6);
  });
});
