import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';
import { ROUNDS } from './one-primary.js';

const APP = join(__dirname, 'lock.app.ts');
const TTL = 400;
const LIMIT_MS = ROUNDS * 15_000 + 20_000;

let server: Standalone;
let first: AppProcess;
let second: AppProcess;
beforeAll(async () => {
  server = await startStandalone();
  const options = { redis: server.address, ttl: TTL };
  [first, second] = await Promise.all([AppProcess.start(APP, options), AppProcess.start(APP, options)]);
});
afterAll(async () => {
  await Promise.all([first.kill(), second.kill()]);
  await server.stop();
});

/** Lets a holder stand still for longer than its lock lasts. What the first line behind that says of the lock. */
const PAUSES = {
  'a blocked event loop': (name: string) => first.call<string>('blocked', name, 2 * TTL),
  SIGSTOP: async (name: string) => {
    const seen = first.call<string>('frozen', name, TTL);
    await pause(50);
    await first.freeze();
    await pause(2 * TTL);
    first.thaw();
    return seen;
  },
} as const;

describe.each(Object.entries(PAUSES))('a holder that stood still: %s', (_name, stand) => {
  it('learns on the first line that it has lost the lock, and writes nothing', { timeout: LIMIT_MS }, async () => {
    let stale = 0;
    let unaware = 0;
    const times = 5 * ROUNDS;
    for (let round = 0; round < times; round += 1) {
      const name = `paused-${performance.now()}`;
      const token = BigInt(await first.call<string>('take', name, 0));
      expect(await first.call('write', name, 'first')).toBe(true);
      const [seen, next] = await Promise.all([stand(name), second.call<string>('take', name, 10_000)]);
      expect(BigInt(next)).toBeGreaterThan(token);
      expect(await second.call('write', name, 'second')).toBe(true);
      if (seen !== 'LockLostError') unaware += 1;
      // It goes on all the same.
      if (await first.call('write', name, 'stale')) stale += 1;
      expect(await server.call('HGET', `table:${name}`, 'value')).toBe('second');
      await second.call('release', name);
    }
    console.log(`${times} holders stood still: ${unaware} did not notice, ${stale} stale writes`);
    expect([unaware, stale]).toEqual([0, 0]);
  });
});

describe('a holder that does not stand still (control)', () => {
  it('has its lock, and writes; so the table takes what is not stale', async () => {
    const name = 'awake';
    await first.call('take', name, 0);
    expect(await first.call('blocked', name, TTL / 4)).toBe('held');
    expect(await first.call('write', name, 'first')).toBe(true);
    await first.call('release', name);
  });
});

it('a table that does not check tokens takes what is stale (control)', async () => {
  const name = 'unchecked';
  await first.call('take', name, 0);
  await Promise.all([first.call('blocked', name, 2 * TTL), second.call('take', name, 10_000)]);
  await second.call('overwrite', name, 'second');
  await first.call('overwrite', name, 'stale');
  expect(await server.call('HGET', `table:${name}`, 'value')).toBe('stale');
});
