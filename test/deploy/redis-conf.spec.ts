import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { obtainServer } from '../support/redis/obtain-server.js';
import { freePort } from '../support/redis/ports.js';
import { list } from '../support/redis/reply.js';
import { RedisServer } from '../support/redis/server.js';
import { settings } from '../support/redis/settings.js';
import { readCompose } from './compose.js';

const ROOT = join(__dirname, '../..');
const MB = 1024 * 1024;

const CONFIGURATIONS = [
  ['cluster.conf', 'volatile-lru', 512],
  ['coordination.conf', 'noeviction', 256],
] as const;

describe.each(CONFIGURATIONS)('deploy/redis/%s', (file, policy, memory) => {
  let server: RedisServer;

  beforeAll(async () => {
    const bus = await freePort();
    const conf = join(ROOT, 'deploy/redis', file);
    server = await RedisServer.launch({
      binary: obtainServer(),
      args: (port, dir) => [conf, ...settings({ port, dir, bind: '127.0.0.1', 'cluster-port': bus })],
    });
  });

  afterAll(() => server.stop());

  const value = async (name: string) => list(await server.call('CONFIG', 'GET', name))[1];

  // STANDARD.md, rows S4, S9 and S15
  it.each([
    ['cluster-enabled', 'yes'],
    ['save', '900 1'],
    ['appendonly', 'no'],
    ['maxmemory-policy', policy],
    ['maxclients', '10000'],
  ])('sets %s to %s on a real server', async (name, expected) => {
    expect(await value(name)).toBe(expected);
  });

  it('leaves a quarter of the memory of a node in reserve', async () => {
    expect(Number(await value('maxmemory'))).toBe(memory * MB * 0.75);
  });
});

describe('the configurations', () => {
  it('leave the reserve that docker-compose.yml gives', () => {
    const limits = Object.values(readCompose(join(ROOT, 'docker-compose.yml')).services).flatMap(
      (s) => s.mem_limit ?? [],
    );
    expect(new Set(limits)).toEqual(new Set(['512m']));
  });

  it('are needed: a server without them does not do so', async () => {
    const bare = await RedisServer.launch({
      binary: obtainServer(),
      args: (port) => settings({ port, bind: '127.0.0.1' }),
    });
    const found = list(await bare.call('CONFIG', 'GET', 'maxmemory-policy'))[1];
    await bare.stop();
    expect(found).toBe('noeviction');
  });
});
