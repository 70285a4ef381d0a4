import { join } from 'node:path';
import { install, isDebian, unpack } from './debian.js';
import { CACHE, findServer, type RedisBinary, unpackedServer } from './find-server.js';

/** What Debian's server needs beside itself on a machine that has nothing but Node. */
const PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'];

let known: RedisBinary | undefined;

/** Finds a real `redis-server`, or fetches one. Never skips: what no Redis has answered is not tested. */
export function obtainServer(): RedisBinary {
  known ??= findServer() ?? fetchServer();
  return known;
}

/** By the first of these ways that works; says what would, when none does. */
export function fetchServer(ways: readonly (() => Attempt)[] = [installServer, () => unpackServer()]): RedisBinary {
  const tried: string[] = [];
  for (const way of ways) {
    const { server, why } = way();
    if (server) return server;
    tried.push(why);
  }
  throw new Error(
    [
      'These tests need a real redis-server, version 7 or later, and there is none. Any of these helps:',
      '- put redis-server into PATH (on macOS: brew install redis)',
      '- set REDIS_SERVER_BIN to its path',
      '- on Debian as root: apt-get install redis-server',
      `Tried: ${tried.join('; ')}`,
    ].join('\n'),
  );
}

interface Attempt {
  readonly server?: RedisBinary | undefined;
  readonly why: string;
}

export function installServer(): Attempt {
  if (!isDebian()) return { why: 'installing (this is no Debian)' };
  if (process.getuid?.() !== 0) return { why: 'installing (not root)' };
  const { said } = install(['redis-server']);
  return { server: findServer(), why: `installing (${lastLine(said)})` };
}

export function unpackServer(cache = CACHE): Attempt {
  if (!isDebian()) return { why: 'unpacking (this is no Debian)' };
  const { said } = unpack(PACKAGES, join(cache, 'server'));
  return { server: unpackedServer(cache), why: `unpacking (${lastLine(said)})` };
}

function lastLine(said: string): string {
  return said.split('\n').at(-1) ?? '';
}
