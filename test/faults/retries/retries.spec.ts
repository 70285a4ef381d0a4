import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FREE_RETRIES, PROBE_INTERVAL_MS } from '../../../libs/cache/src/core/retries/retry-rules.js';
import { startStandalone, type Standalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';
import type { RetryPolicy } from '../../../libs/cache/src/core/retries/retry-policy.js';
import type { RetryAppOptions } from './retry-app.js';
import { RetryFleet, sum } from './retry-fleet.js';

const PROCESSES = 8;
const RATE = 200;
/** Rounds of one sick process; all by hand: `RETRY_ROUNDS=50`. */
const ROUNDS = Number(process.env['RETRY_ROUNDS'] ?? 2);

let server: Standalone;
let apps: RetryFleet;
beforeAll(async () => {
  server = await startStandalone();
  apps = await RetryFleet.start(PROCESSES);
}, 180_000);
afterAll(async () => {
  await apps?.stop();
  await server.stop();
});

const begin = (policy: RetryPolicy, more: Partial<RetryAppOptions> = {}): Promise<void> =>
  apps.begin({
    url: `redis://${server.address}`,
    service: `retries-${randomUUID()}`,
    policy,
    rate: RATE,
    ...more,
  });

/** Scripts that clients have asked the server to run. */
async function scripts(): Promise<number> {
  const stats = String(await server.call('INFO', 'commandstats'));
  return ['evalsha', 'eval']
    .map((name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0))
    .reduce((total, one) => total + one, 0);
}

/** Without the breaker, which would keep calls from the backend before the budget had to. */
const BUDGET_ALONE: RetryPolicy = { attempts: 3, breaker: false, delay: { base: 20, max: 50 } };

describe('eight processes before a backend that fails every call', () => {
  it('send it 1.2 times as much at most, beside what is free, with a script for a hundred requests at most', async () => {
    await begin(BUDGET_ALONE);
    await apps.sicken(() => true);
    // What they may retry is settled by now, and what was free is spent.
    await pause(2_000);
    const before = await scripts();
    const counts = await apps.during(5_000);
    const asked = (await scripts()) - before;
    const [requests, sent] = [sum(counts, 'requests'), sum(counts, 'sent')];
    expect(requests).toBeGreaterThan(0.5 * PROCESSES * RATE * 5);
    expect(sent).toBeLessThanOrEqual(1.2 * requests + FREE_RETRIES);
    // Not none at all, either.
    expect(sent).toBeGreaterThan(1.05 * requests);
    expect(asked / requests).toBeLessThanOrEqual(0.01);
    console.log(
      `retries: backend ${(sent / requests).toFixed(3)} × requests, ${(asked / requests).toFixed(4)} scripts a request`,
    );
  });

  it('would send it three times as much without the budget (control)', async () => {
    await begin(BUDGET_ALONE, { isUnlimited: true });
    await apps.sicken(() => true);
    await pause(500);
    const counts = await apps.during(2_000);
    expect(sum(counts, 'sent')).toBeGreaterThan(2.7 * sum(counts, 'requests'));
  });

  it('keep to the budget when Redis stands still, and no call waits for it', async () => {
    const own = await startStandalone();
    await begin(BUDGET_ALONE, { url: `redis://${own.address}` });
    await pause(1_000);
    await own.pause();
    await pause(1_500);
    const calm = await apps.during(1_000);
    await apps.sicken(() => true);
    // What each has saved, and what is free for each, is spent by then.
    await pause(2_000);
    const counts = await apps.during(4_000);
    own.resume();
    await own.stop();
    for (const { sent, requests } of counts) {
      expect(sent).toBeLessThanOrEqual(1.2 * requests + FREE_RETRIES / 2);
      expect(sent).toBeGreaterThan(1.05 * requests);
    }
    console.log(
      `retries: Redis away, backend ${(sum(counts, 'sent') / sum(counts, 'requests')).toFixed(3)} × requests`,
    );
    expect(sum(calm, 'refused')).toBe(0);
    const slowest = Math.max(...calm.map((one) => one.slowest));
    expect(slowest).toBeLessThan(100);
  });
});

const BREAKER: RetryPolicy = { attempts: 1 };

describe('the circuit of eight processes', () => {
  it('opens in all of them within 500 ms of an outage, then lets one call through in an interval', async () => {
    await begin(BREAKER);
    await pause(1_500);
    await apps.take();
    const began = Date.now();
    await apps.sicken(() => true);
    await pause(1_000);
    const counts = await apps.take();
    const opened = counts.map(({ told }) => told.find(([what]) => what === 'breaker-opened fleet')?.[1] ?? Infinity);
    console.log(`retries: all open after ${Math.max(...opened) - began} ms`);
    expect(Math.max(...opened) - began).toBeLessThanOrEqual(500);

    const probing = await apps.during(6 * PROBE_INTERVAL_MS);
    const probes = probing.flatMap(({ sentAt }) => sentAt).toSorted((a, b) => a - b);
    expect(probes.length).toBeGreaterThanOrEqual(3);
    expect(probes.length).toBeLessThanOrEqual(7);

    await apps.sicken(() => false);
    await eventually('all are closed', async () => sum(await apps.during(200), 'refused') === 0, 10_000);
  });

  it(`is not opened by one that is sick, ${ROUNDS} times`, { timeout: 60_000 + ROUNDS * 15_000 }, async () => {
    await begin(BREAKER);
    await pause(1_500);
    for (let round = 0; round < ROUNDS; round += 1) {
      const sick = round % PROCESSES;
      await apps.take();
      await apps.sicken((at) => at === sick);
      await pause(1_200);
      const counts = await apps.take();
      const opened = counts.flatMap(({ told }, at) => told.map(([what]) => `${at === sick ? 'sick' : 'well'} ${what}`));
      expect(opened).toEqual(['sick breaker-opened process']);
      expect(counts.filter((_, at) => at !== sick).map(({ refused }) => refused)).toEqual(
        Array.from({ length: PROCESSES - 1 }, () => 0),
      );
      await apps.sicken(() => false);
      await eventually('it is well again', async () => sum(await apps.during(100), 'refused') === 0, 10_000);
    }
  });
});
