import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { alive } from './alive.js';
import { eventually } from './wait.js';

/** A script that starts two servers, one of which stands still, tells their ids and folder, and waits. */
const SCRIPT = `
import { importSource } from ${JSON.stringify(pathToFileURL(join(__dirname, '../import-source.mjs')).href)};
const { startStandalone } = importSource(${JSON.stringify(join(__dirname, 'standalone.ts'))});
const servers = [await startStandalone(), await startStandalone()];
await servers[1].pause();
const [, folder] = await servers[0].call('CONFIG', 'GET', 'dir');
console.log(JSON.stringify({ pids: servers.map(({ pid }) => pid), folder }));
if (process.argv.includes('stay')) setInterval(() => {}, 1000);
`;

interface Told {
  readonly pids: number[];
  readonly folder: string;
}

let parent: ChildProcess | undefined;

afterEach(() => parent?.kill('SIGKILL'));

async function abandon(...args: string[]): Promise<Told> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  parent = child;
  const [line] = await once(createInterface(child.stdout), 'line');
  return JSON.parse(line);
}

async function gone({ pids, folder }: Told): Promise<void> {
  await eventually('the servers are gone', () => pids.every((pid) => !alive(pid)));
  await eventually('their folders are gone', () => !existsSync(folder));
}

describe('servers', () => {
  it('live as long as the process that started them', async () => {
    const told = await abandon('stay');
    expect(told.pids.map(alive)).toEqual([true, true]);
    expect(existsSync(told.folder)).toBe(true);
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('end with it when it ends by %s', async (signal) => {
    const told = await abandon('stay');
    parent?.kill(signal);
    await gone(told);
  });

  it('end with it when it comes to its end without a word', async () => {
    await gone(await abandon());
  });
});
