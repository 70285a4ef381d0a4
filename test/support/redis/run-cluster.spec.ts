import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { Cluster } from 'ioredis';
import { alive } from './alive.js';
import { obtainServer } from './obtain-server.js';

const SCRIPT = join(__dirname, 'run-cluster.mjs');

let child: ChildProcess | undefined;

afterEach(() => child?.kill('SIGKILL'));

function run(env: NodeJS.ProcessEnv) {
  const started = spawn(process.execPath, [SCRIPT], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  return started;
}

describe('npm run cluster', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves until %s, and leaves nothing behind', async (signal) => {
    const { path, env } = obtainServer();
    const started = run({ ...process.env, ...env, REDIS_SERVER_BIN: path });
    const lines: string[] = [];
    for await (const line of createInterface(started.stdout)) {
      lines.push(line);
      if (line.includes('Ctrl-C')) break;
    }
    const nodes = lines.find((line) => line.startsWith('REDIS_NODES='))?.slice('REDIS_NODES='.length) ?? '';
    expect(nodes.split(',')).toHaveLength(6);
    const client = new Cluster(nodes.split(',').map((node) => `redis://${node}`));
    expect(await client.set('k', 'v')).toBe('OK');
    client.disconnect();
    const pids = lines.flatMap((line) => /process (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(pids.map(alive)).toEqual(Array.from({ length: 6 }, () => true));
    started.kill(signal);
    expect(await once(started, 'exit')).toEqual([0, null]);
    expect(pids.filter(alive)).toEqual([]);
  });

  it('says what is missing where there is no redis-server', async () => {
    const started = run({ PATH: __dirname });
    const said = await text(started.stderr);
    expect(said).toContain('There is no redis-server, version 7 or later');
    expect(started.exitCode ?? (await once(started, 'exit'))[0]).toBe(1);
  });
});
