import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { run } from './run.js';

/** A `redis-server` that has shown its version. */
export interface RedisBinary {
  readonly path: string;
  /** what its own environment needs: the folder of its libraries when it was unpacked and not installed */
  readonly env: Readonly<Record<string, string>>;
}

/** Where a fetched server is kept; git knows nothing of it. */
export const CACHE = resolve('.cache/redis');

const OLDEST = 7;

/** The one of REDIS_SERVER_BIN, of PATH or of an earlier fetch; `undefined` when there is none. */
export function findServer(cache = CACHE): RedisBinary | undefined {
  const chosen = process.env.REDIS_SERVER_BIN;
  if (chosen) return chosenServer(chosen);
  const folders = (process.env.PATH ?? '').split(delimiter);
  const inPath = folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));
  const installed = inPath === undefined ? undefined : proven({ path: inPath, env: {} });
  return installed ?? unpackedServer(cache);
}

/** The one that an earlier run has unpacked into this folder. */
export function unpackedServer(cache: string): RedisBinary | undefined {
  const root = join(cache, 'server');
  const path = join(root, 'usr/bin/redis-server');
  if (!existsSync(path)) return undefined;
  const libraries = run('find', [root, '-type', 'f', '-name', '*.so*', '-printf', '%h\n']).said.split('\n');
  return proven({ path, env: { LD_LIBRARY_PATH: [...new Set(libraries)].join(delimiter) } });
}

function chosenServer(path: string): RedisBinary {
  const server = proven({ path, env: {} });
  if (server) return server;
  throw new Error(`REDIS_SERVER_BIN is '${path}', which is no redis-server of version ${OLDEST} or later`);
}

function proven(server: RedisBinary): RedisBinary | undefined {
  const { ok, said } = run(server.path, ['--version'], { env: server.env });
  const major = Number(/\bv=(\d+)\./.exec(said)?.[1]);
  return ok && major >= OLDEST ? server : undefined;
}
