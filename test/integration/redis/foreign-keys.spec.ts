import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../../libs/cache/src/core/errors.js';
import type { HeldLock, LockClaim, LockEngine } from '../../../libs/cache/src/core/locks/lock-engine.js';
import type { PermitEngine, PermitRequest } from '../../../libs/cache/src/core/locks/permit-engine.js';
import { RedisLockEngine } from '../../../libs/cache/src/drivers/redis/locks/redis-lock-engine.js';
import { RedisPermits } from '../../../libs/cache/src/drivers/redis/permits/redis-permits.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { coordinate, SERVICE } from './support.js';

let server: Standalone;
beforeAll(async () => {
  server = await startStandalone();
});
afterAll(() => server.stop());

const NAMES = ['before', 'foreign', 'after'];
const TTL = 60_000;
const owner = 'x'.repeat(32);
const far = String(Date.now() + TTL);

/** What others may have left under a key of ours, and what is said of it. */
const LOCKS: readonly [readonly string[], string][] = [
  [['HSET', 'field', 'value'], 'a value of another type'],
  [['RPUSH', 'one'], 'a value of another type'],
  [['SET', 'garbage'], '"garbage"'],
  [['SET', ''], '""'],
  [['SET', '- 0 12'], '"- 0 12"'],
  [['SET', `- 0 ${'9'.repeat(30)} 0 `], `"- 0 ${'9'.repeat(30)} 0 "`],
  [['SET', `${owner} ${far} 12 0 nobody`], '0 nobody"'],
  [['SET', `${owner} ${far} 12 0 a/b/soon;`], 'a/b/soon;"'],
];

const PERMITS: readonly [readonly string[], string][] = [
  [['HSET', 'field', 'value'], 'a value of another type'],
  [['SET', 'garbage'], '"garbage"'],
  [['SET', ''], '""'],
  [['SET', '\u0001\u0001\u0001\u0001'], '\\u0001'],
  [['SET', '\u0004'], '"\\u0004"'],
];

async function leave(kind: 'lock' | 'permits', [command = '', ...values]: readonly string[]): Promise<string> {
  await server.call('FLUSHALL');
  const key = `coord:${SERVICE}:${kind}:foreign`;
  await server.call(command, key, ...values);
  return key;
}

/** What each of a tick is told: the kind of its answer, or its error. */
const together = <T>(ask: (name: string) => Promise<T>): Promise<(T | Error)[]> =>
  Promise.all(NAMES.map((name) => ask(name).catch((error: Error) => error)));

function refused(error: unknown, key: string, found: string): void {
  expect(error).toBeInstanceOf(CacheConfigError);
  expect(error).toMatchObject({ key });
  for (const part of [`'${key}'`, found, `DEL ${key}`]) expect(String(error)).toContain(part);
}

describe('a key of a lock that is somebody else’s', () => {
  let locks: LockEngine;
  beforeEach(async () => {
    locks = new RedisLockEngine(await coordinate(`redis://${server.address}`));
  });
  const claim = (name: string, more: Partial<LockClaim> = {}): LockClaim => ({
    name,
    owner,
    ttl: TTL,
    durability: 'local',
    whenUndurable: 'refuse',
    tokens: 1,
    above: 0n,
    queue: true,
    ...more,
  });
  const held = (name: string): HeldLock => ({ name, owner, ttl: TTL, durability: 'local' });

  it.each(LOCKS)('is refused to who asks for it alone, and is left as it is: %o', async (left, found) => {
    const key = await leave('lock', left);
    const was = await server.call('DUMP', key);
    const [before, foreign, after] = await together((name) => locks.claim(claim(name)));
    expect([before, after]).toMatchObject([{ kind: 'granted' }, { kind: 'granted' }]);
    refused(foreign, key, found);
    refused(await locks.claim(claim('foreign', { owner: 'y' })).catch((error) => error), key, found);
    expect(await server.call('DUMP', key)).toEqual(was);
  });

  it.each(LOCKS)('keeps none of the others from being renewed, released and left: %o', async (left, found) => {
    await server.call('FLUSHALL');
    await together((name) => locks.claim(claim(name)));
    await server.call('DEL', `coord:${SERVICE}:lock:foreign`);
    const key = `coord:${SERVICE}:lock:foreign`;
    const [command = '', ...values] = left;
    await server.call(command, key, ...values);
    const waits = { owner: 'w'.repeat(32) };
    await locks.claim(claim('before', waits));
    const renewed = await together((name) => locks.extend(held(name)));
    expect([renewed[0], renewed[2]]).toMatchObject([{ isWaitedFor: true }, { isWaitedFor: false }]);
    refused(renewed[1], key, found);
    const gone = await together((name) => locks.leave(name, waits.owner));
    expect([gone[0], gone[2]]).toEqual([undefined, undefined]);
    refused(gone[1], key, found);
    const released = await together((name) => locks.release(held(name), 0n));
    expect([released[0], released[2]]).toEqual([undefined, undefined]);
    refused(released[1], key, found);
    expect(await locks.claim(claim('before', { owner: 'z' }))).toMatchObject({ kind: 'granted' });
  });

  it('is a lock again once it is deleted', async () => {
    const key = await leave('lock', ['HSET', 'field', 'value']);
    await expect(locks.claim(claim('foreign'))).rejects.toBeInstanceOf(CacheConfigError);
    await server.call('DEL', key);
    expect(await locks.claim(claim('foreign'))).toMatchObject({ kind: 'granted' });
  });
});

describe('a key of permits that is somebody else’s', () => {
  let permits: PermitEngine;
  beforeEach(async () => {
    permits = new RedisPermits(await coordinate(`redis://${server.address}`));
  });
  const request = (name: string): PermitRequest => ({
    name,
    owner: 'p.1',
    weight: 1,
    capacity: 2,
    ttl: TTL,
    place: 1_000,
    above: 0n,
  });

  it.each(PERMITS)('is refused to who asks for it alone, and is left as it is: %o', async (left, found) => {
    const key = await leave('permits', left);
    const was = await server.call('DUMP', key);
    const asked = await together((name) => permits.acquire(request(name)));
    expect([asked[0], asked[2]]).toMatchObject([{ granted: true }, { granted: true }]);
    refused(asked[1], key, found);
    const renewed = await together((name) => permits.renew(name, 'p.1', TTL));
    expect([typeof renewed[0], typeof renewed[2]]).toEqual(['number', 'number']);
    refused(renewed[1], key, found);
    const released = await together((name) => permits.release(name, 'p.1'));
    expect([released[0], released[2]]).toEqual([undefined, undefined]);
    refused(released[1], key, found);
    expect(await server.call('DUMP', key)).toEqual(was);
  });
});
