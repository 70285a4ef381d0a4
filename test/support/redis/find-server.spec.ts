import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findServer } from './find-server.js';
import { obtainServer } from './obtain-server.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-server-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A program that says it is this version. */
function plant(says: string): string {
  const path = join(folder, 'redis-server');
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a redis-server', () => {
  it('is found on this machine, or was fetched for it', () => {
    expect(obtainServer().path).toMatch(/redis-server/);
  });

  it('is the one of REDIS_SERVER_BIN, whatever else there is', () => {
    const path = plant('Redis server v=7.2.4 sha=0');
    vi.stubEnv('REDIS_SERVER_BIN', path);
    expect(findServer()?.path).toBe(path);
  });

  it.each(['Redis server v=6.2.14 sha=0', 'something else'])('is refused there when it says: %s', (says) => {
    vi.stubEnv('REDIS_SERVER_BIN', plant(says));
    expect(() => findServer()).toThrow(/REDIS_SERVER_BIN is '.*', which is no redis-server of version 7 or later/);
  });

  it('is refused there when there is no such file', () => {
    vi.stubEnv('REDIS_SERVER_BIN', join(folder, 'nothing'));
    expect(() => findServer()).toThrow('REDIS_SERVER_BIN');
  });

  it('is found in PATH', () => {
    vi.stubEnv('REDIS_SERVER_BIN', '');
    const path = plant('Redis server v=10.0.0 sha=0');
    vi.stubEnv('PATH', `${join(folder, 'empty')}:${folder}`);
    expect(findServer(folder)?.path).toBe(path);
  });

  it('is not found where there is none, or only an old one', () => {
    vi.stubEnv('REDIS_SERVER_BIN', '');
    vi.stubEnv('PATH', folder);
    expect(findServer(folder)).toBeUndefined();
    plant('Redis server v=5.0.1 sha=0');
    expect(findServer(folder)).toBeUndefined();
  });
});
