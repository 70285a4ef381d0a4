import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RetryReport } from '../../../libs/cache/src/core/retries/retry-coordinator.js';
import { FREE_RETRIES, MOST_PROCESSES } from '../../../libs/cache/src/core/retries/retry-rules.js';
import {
  RedisRetryCoordinator,
  retryKey,
} from '../../../libs/cache/src/drivers/redis/retries/redis-retry-coordinator.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { coordinate, SERVICE } from './support.js';

let server: Standalone;
beforeAll(async () => {
  server = await startStandalone();
});
afterAll(() => server.stop());

async function start() {
  const coordinator = new RedisRetryCoordinator(await coordinate(`redis://${server.address}`));
  const operation = `operation-${randomUUID()}`;
  const say = (process: string, said: Partial<RetryReport> = {}) =>
    coordinator.report({
      operation,
      process,
      requests: 0,
      retries: 0,
      want: 0,
      vote: 'none',
      epoch: 0,
      probe: 'none',
      ...said,
    });
  return { say, key: retryKey(SERVICE, operation) };
}

interface State {
  readonly members: readonly (readonly unknown[])[];
  readonly slices: readonly (readonly number[])[];
}

const kept = async (key: string): Promise<State> => JSON.parse(String(await server.call('GET', key))) as State;

describe('what Redis keeps of an operation', () => {
  it('can be read by anybody: votes, tokens and what was done', async () => {
    const { say, key } = await start();
    expect(key).toMatch(new RegExp(`^mesh:${SERVICE}:retry:operation-`));
    const { epoch } = await say('one', { requests: 40, retries: 3, want: 7, vote: 'healthy' });
    await say('two', { requests: 2 });
    const { members, slices } = await kept(key);
    expect(members).toEqual([
      ['one', expect.any(Number), 'healthy', 0, 7, 40, 3],
      ['two', expect.any(Number), 'none', 0, 0, 2, 0],
    ]);
    expect(epoch).toBeGreaterThan(1_700_000_000_000);
    expect(slices.reduce((sum, [, requests = 0]) => sum + requests, 0)).toBe(42);
  });

  it('ends by itself', async () => {
    const { say, key } = await start();
    await say('one');
    const ttl = Number(await server.call('PTTL', key));
    expect(ttl).toBeGreaterThan(10_000);
    expect(ttl).toBeLessThanOrEqual(13_000);
  });

  it('is bounded: those who have not reported for the longest are forgotten', async () => {
    const { say, key } = await start();
    for (let at = 0; at < MOST_PROCESSES + 20; at += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, more) => say(`process-${at + more}`)));
    }
    const { members } = await kept(key);
    expect(members).toHaveLength(MOST_PROCESSES);
    expect(members.map(([process]) => process)).not.toContain('process-19');
    expect(members.at(-1)?.[0]).toBe(`process-${MOST_PROCESSES + 19}`);
  });

  it.each([
    ['text', (key: string) => server.call('SET', key, 'not JSON')],
    ['JSON of another form', (key: string) => server.call('SET', key, '[1, 2]')],
    ['another type', (key: string) => server.call('LPUSH', key, 'x')],
  ])('begins anew where somebody else wrote: %s', async (_what, write) => {
    const { say, key } = await start();
    await write(key);
    expect(await say('one', { want: 1_000 })).toMatchObject({ tokens: FREE_RETRIES, isOpen: false });
    expect((await kept(key)).members).toHaveLength(1);
  });
});
