import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { obtainServer } from '../support/redis/obtain-server.js';
import { freePort } from '../support/redis/ports.js';
import { list } from '../support/redis/reply.js';
import { RedisServer } from '../support/redis/server.js';
import { settings } from '../support/redis/settings.js';

const START = join(__dirname, '../../deploy/redis/start.sh');
const MB = 1024 * 1024;

interface Node {
  readonly conf?: string;
  /** Files of the control group, by their name. */
  readonly limits?: Readonly<Record<string, string>>;
}

/** A node by the script, and how it is started again. */
async function launch({ conf = '', limits = {} }: Node): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-start-'));
  const bus = await freePort();
  const file = join(folder, 'node.conf');
  writeFileSync(file, `cluster-enabled yes\ncluster-config-file nodes.conf\n${conf}\n`);
  mkdirSync(join(folder, 'memory'));
  for (const [name, value] of Object.entries(limits)) writeFileSync(join(folder, name), `${value}\n`);
  const binary = obtainServer();
  const server = await RedisServer.launch({
    binary: { ...binary, path: START },
    env: { REDIS_SERVER_BIN: binary.path, CGROUP: folder },
    args: (port) => [file, ...settings({ port, bind: '127.0.0.1', 'cluster-port': bus, save: '' })],
  });
  onTestFinished(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  return server;
}

const limitOf = async (server: RedisServer) => Number(list(await server.call('CONFIG', 'GET', 'maxmemory'))[1]);

describe('deploy/redis/start.sh', () => {
  it.each([
    ['a container', { 'memory.max': String(256 * MB) }],
    ['an older container', { 'memory/memory.limit_in_bytes': String(256 * MB) }],
  ])('sets maxmemory to 75 % of %s', async (_, limits) => {
    expect(await limitOf(await launch({ limits, conf: 'maxmemory 1mb' }))).toBe(192 * MB);
  });

  it.each([
    ['there is no limit', {}],
    ['the limit is max', { 'memory.max': 'max' }],
    ['the limit is beyond the machine', { 'memory/memory.limit_in_bytes': '9223372036854771712' }],
  ])('sets it to 75 % of the machine where %s', async (_, limits) => {
    const [, total] = /^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    const machine = Number(total) * 1024;
    expect(Math.abs((await limitOf(await launch({ limits }))) - machine * 0.75)).toBeLessThan(4);
  });

  it('waits for twice the node timeout where the node was in a cluster before', async () => {
    const server = await launch({ conf: 'cluster-node-timeout 1000' });
    const began = performance.now();
    await server.restart();
    // The shell sleeps whole seconds; ending the first process takes its time as well.
    expect(performance.now() - began).toBeGreaterThan(1_990);
  });

  it('does not wait at the first start', async () => {
    // Twice this is more than the starting of a server is waited for.
    const server = await launch({ conf: 'cluster-node-timeout 60000' });
    expect(await server.call('PING')).toBe('PONG');
  });
});
