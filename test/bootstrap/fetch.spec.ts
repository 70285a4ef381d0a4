import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isDebian } from '../support/redis/debian.js';
import { localeEnvironment, sources } from '../support/redis/locale.js';
import { fetchServer, obtainServer, unpackServer } from '../support/redis/obtain-server.js';
import { RedisServer } from '../support/redis/server.js';
import { settings } from '../support/redis/settings.js';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'fetch-'));
});

afterEach(() => rmSync(cache, { recursive: true }));

describe('a machine without redis-server', () => {
  it('unpacks one without root, which runs', async () => {
    const { server: binary, why } = unpackServer(cache);
    if (!isDebian()) return expect(why).toContain('this is no Debian');
    if (!binary) throw new Error(why);
    expect(binary.path).toContain(cache);
    const server = await RedisServer.launch({ binary, args: (port) => settings({ port, bind: '127.0.0.1' }) });
    const program = readlinkSync(`/proc/${server.pid}/exe`);
    await server.stop();
    return expect(program).toContain(cache);
  });

  it('is told what helps when no way works', () => {
    const ways = [() => ({ why: 'installing (not root)' }), () => ({ why: 'unpacking (no network)' })];
    expect(() => fetchServer(ways)).toThrow(
      /REDIS_SERVER_BIN[^]*apt-get install redis-server[^]*Tried: installing \(not root\); unpacking \(no network\)/,
    );
  });

  it('takes the first way that works', () => {
    const server = { path: 'there', env: {} };
    expect(fetchServer([() => ({ why: 'no' }), () => ({ why: '', server })])).toBe(server);
  });
});

describe('a machine without en_US.UTF-8', () => {
  it('unpacks its description without root, and compiles it', async () => {
    if (!isDebian()) return expect(() => localeEnvironment(cache)).toThrow('locales');
    expect(sources(cache, join(cache, 'nowhere'))).toBe(join(cache, 'locale-sources/usr/share/i18n'));
    const env = localeEnvironment(cache);
    const server = await RedisServer.launch({
      binary: obtainServer(),
      env,
      args: (port) => settings({ port, bind: '127.0.0.1' }),
    });
    const smaller = await server.call('EVAL', "return tostring('a' < 'B')", 0);
    await server.stop();
    return expect(smaller).toBe('true');
  });
});
