import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOf } from '../../support/redis/slots.js';
import { proxiedCluster, proxiedServer, type ProxiedCluster, type ProxiedServer } from '../kit/proxied.js';
import { chooseSeed } from '../kit/seed.js';
import { clusterFaults, standaloneFaults } from './faults.js';
import { keyOf } from './source.js';
import { storm, type Aftermath } from './storm.js';

/** Twelve seconds each in a usual run; `FAULT_SECONDS=300` is the long one. */
const SECONDS = Number(process.env.FAULT_SECONDS ?? 12);
const LIMIT_MS = (SECONDS + 60) * 1_000;

/** A primary that is replaced takes with it what its replica had not heard yet: writes that were acknowledged, too. */
const LOSSY = ['SIGKILL, failover and restart', 'SIGSTOP', 'black hole', 'lost requests', 'lost replies'];

function expectCalm(seen: Aftermath, isReplicated: boolean): void {
  const { calls, refused, struck, stale, ...lists } = seen;
  console.log(`${calls} calls, ${refused} refused, ${stale.length} stale, faults: ${struck.join(', ')}`);
  // The message is all that the last lines of CI tell of it.
  expect(lists, JSON.stringify(lists)).toEqual({ wrong: [], late: [], strange: [], unhandled: [] });
  if (!isReplicated || !struck.some((name) => LOSSY.includes(name))) expect(stale).toEqual([]);
  expect(calls).toBeGreaterThan(SECONDS * 500);
  expect(struck.length).toBeGreaterThanOrEqual(Math.min(SECONDS / 3, 12));
}

describe('64 callers read and write while Redis is struck', () => {
  const seed = chooseSeed('storm');
  let one: ProxiedServer;
  let many: ProxiedCluster;

  beforeAll(async () => {
    [one, many] = await Promise.all([proxiedServer({ seed }), proxiedCluster({ seed, announce: true })]);
  });

  afterAll(async () => {
    await Promise.all([one.stop(), many.stop()]);
  });

  it('standalone: nobody waits too long, nobody gets a wrong value, all recovers', { timeout: LIMIT_MS }, async () => {
    const redis = `redis://${one.proxy.address}`;
    expectCalm(await storm({ redis, service: 'storm', seconds: SECONDS, seed }, standaloneFaults(one)), false);
  });

  it('Cluster: nobody waits too long, nobody gets a wrong value, all recovers', { timeout: LIMIT_MS }, async () => {
    const redis = { nodes: many.nodes.map(({ host, port }) => ({ host, port })) };
    const slots = Array.from({ length: 8 }, (_, at) => slotOf(`app:storm:${keyOf(at)}`));
    expectCalm(await storm({ redis, service: 'storm', seconds: SECONDS, seed }, clusterFaults(many, slots)), true);
  });
});
