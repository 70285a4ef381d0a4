import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latency } from '../kit/conditions.js';
import { proxiedServer, type ProxiedServer } from '../kit/proxied.js';
import { chooseSeed } from '../kit/seed.js';
import { clientKill } from '../kit/servers.js';
import { Workload } from './workload.js';

/** By hand 60: `CONSISTENCY_SECONDS=60`. */
const MS = Number(process.env.CONSISTENCY_SECONDS ?? 1.5) * 1_000;
const LIMIT_MS = MS + 30_000;

/** Of the way between some of the workers and Redis. */
const DELAY_MS = 20;

let redis: ProxiedServer;
let workload: Workload;
const seed = chooseSeed('consistency');

beforeAll(async () => {
  redis = await proxiedServer({ seed });
  const [near, far] = [`redis://${redis.server.address}`, `redis://${redis.proxy.address}`];
  workload = await Workload.start(
    'consistency',
    [near, far, far].map((redis) => ({ redis })),
  );
});

afterAll(async () => {
  await workload?.stop();
  await redis?.stop();
});

/** Notices come late, and once not at all. */
async function faults(): Promise<void> {
  redis.proxy.set(latency(DELAY_MS));
  await sleep(MS / 2);
  await clientKill(redis.server, 'pubsub');
  await sleep(MS / 4);
  redis.proxy.clear();
}

describe('the harness', () => {
  it('finds nothing where nothing is: three processes straight at the source', { timeout: LIMIT_MS }, async () => {
    const result = await workload.run({ level: 'source', ms: MS, seed }, faults);
    expect(result.operations).toBeGreaterThan(MS / 4);
    expect(result).toMatchObject({ keys: 16, violations: [], undecided: [] });
  });

  it('catches plain reads under the same faults stale (control)', { timeout: LIMIT_MS }, async () => {
    const result = await workload.run({ level: 'eventual', ms: MS, seed }, faults);
    expect(result.undecided).toEqual([]);
    // A value may be old. It is never one that nobody wrote, and never there before its write.
    const kinds = result.violations.map(({ kind }) => kind);
    expect(kinds.length).toBeGreaterThan(0);
    expect(kinds.filter((kind) => kind === 'never-written' || kind === 'read-before-write')).toEqual([]);
  });

  it('knows what a killed process has written, from the source', { timeout: LIMIT_MS }, async () => {
    const victim = workload.workers[2];
    const result = await workload.run({ level: 'source', ms: MS, seed, writes: 0.2 }, async () => {
      await sleep(MS / 2);
      await victim?.kill();
    });
    expect(result.outcomes.unknown).toBeGreaterThan(0);
    expect(result).toMatchObject({ keys: 16, violations: [], undecided: [] });
  });
});
