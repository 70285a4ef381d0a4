import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RedisOption } from '../../../../libs/cache/src/drivers/redis/redis-option.js';
import { freePort } from '../../../support/redis/ports.js';
import { startCluster } from '../../../support/redis/start-cluster.js';
import { startStandalone, type StandaloneOptions } from '../../../support/redis/standalone.js';
import { complaints, examined, finding } from './support.js';

/** Everything the doctor asks, and not one command that changes something. */
const READS = '+ping +info +time +config|get +cluster|info +cluster|nodes +client|list +command|info +scan +pttl';

const ACL = [
  'user default off',
  `user looks on >looks ~* -@all ${READS}`,
  'user managed on >managed ~* +@all -config -cluster -client',
  'user blind on >blind -@all +ping',
];

const as = (user: string, address: string) => `redis://${user}:${user}@${address}`;

async function start(options: StandaloneOptions = {}) {
  const server = await startStandalone(options);
  onTestFinished(() => server.stop());
  return server;
}

describe('a server that refuses to answer', () => {
  it('gives a user with nothing but reads all that it gives to one who may do anything', async () => {
    const server = await start({ acl: ACL });
    const most = await examined(as('keeper', server.address));
    const least = await examined(as('looks', server.address));
    expect(least.findings).toEqual(most.findings);
    expect(complaints(least).filter((one) => one.endsWith('unknown'))).toEqual([]);
  });

  it('is unknown where CONFIG, CLUSTER and CLIENT are denied, and the rest is found', async () => {
    const server = await start({ acl: ACL });
    const report = await examined(as('managed', server.address));
    const unknown = report.findings.filter(({ severity }) => severity === 'unknown').map(({ id }) => id);
    expect(unknown).toEqual(expect.arrayContaining(['snapshots', 'idle-timeout', 'connections-per-client']));
    expect(unknown).not.toContain('eviction-policy');
    expect(complaints(report)).toContain('memory-limit warning');
    expect(finding(report, 'snapshots')?.found).toBe('the server does not say: CONFIG GET');
    expect(report.severity).toBe('warning');
  });

  it('is unknown in all but that it answers where everything is denied, which is no fault', async () => {
    const server = await start({ acl: ACL });
    const report = await examined(as('blind', server.address));
    expect(report.severity).toBe('ok');
    expect(new Set(report.findings.map(({ severity }) => severity))).toEqual(new Set(['unknown', 'ok']));
    expect(finding(report, 'reachable')?.severity).toBe('ok');
  });

  it('is unknown where the nodes of a cluster deny CONFIG and CLUSTER', async () => {
    const cluster = await startCluster({ primaries: 3, replicas: 0, acl: ACL });
    onTestFinished(() => cluster.stop());
    const nodes = cluster.nodes.map(({ address }) => address);
    const report = await examined({ nodes, username: 'managed', password: 'managed' });
    expect(report.topology).toBe('cluster');
    for (const id of ['node-count', 'slot-coverage', 'replication-factor', 'cluster-state', 'node-timeout']) {
      expect(finding(report, id)?.severity, id).toBe('unknown');
    }
    expect(report.nodes).toEqual(nodes);
  });

  it.each([
    ['a wrong password', (address: string) => `redis://looks:wrong@${address}`, 'WRONGPASS: it refuses the password'],
    ['no password', (address: string) => `redis://${address}`, 'NOAUTH: it asks for a password'],
  ])('is a finding with %s', async (_, url, found) => {
    const server = await start({ acl: ACL });
    const report = await examined(url(server.address));
    expect(complaints(report)).toEqual(['reachable critical']);
    expect(finding(report, 'reachable')?.found).toBe(found);
  });
});

describe('a server that is not there', () => {
  it('is a finding', async () => {
    const report = await examined(`redis://127.0.0.1:${await freePort()}`);
    expect(complaints(report)).toEqual(['reachable critical']);
    expect(finding(report, 'reachable')?.found).toBe('ECONNREFUSED: nothing listens there');
  });

  it('is a finding within the patience where it is silent, and is none when it goes on', async () => {
    const server = await start();
    await server.pause();
    const began = performance.now();
    const report = await examined(`redis://${server.address}`, { patienceMs: 300 });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(finding(report, 'reachable')?.found).toBe('no answer within 300 ms');
    server.resume();
    expect(complaints(await examined(`redis://${server.address}`))).not.toContain('reachable critical');
  });
});

describe('what the doctor sends', () => {
  it('is nothing that changes anything', async () => {
    const server = await start();
    await server.call('SET', 'app:shop:product:7', '1');
    const watcher = new Redis(server.port, server.host);
    const monitor = await watcher.monitor();
    onTestFinished(() => [watcher, monitor].forEach((client) => client.disconnect()));
    const sent: string[] = [];
    monitor.on('monitor', (_time: string, [command = '', word = '']: string[]) => {
      const isGroup = /^(?:config|cluster|client|command)$/i.test(command);
      sent.push((isGroup ? `${command}|${word}` : command).toLowerCase());
    });
    const redis: RedisOption = `redis://${server.address}`;
    await examined(redis);
    await watcher.echo('the end');
    await expect.poll(() => sent).toContain('echo');
    const allowed = READS.replaceAll('+', '').split(' ');
    const beside = ['echo', 'info', 'hello', 'client|setinfo'];
    expect(sent.filter((name) => !allowed.includes(name) && !beside.includes(name))).toEqual([]);
    expect(new Set(sent).size).toBeGreaterThan(8);
  });
});
