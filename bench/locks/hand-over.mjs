/**
 * 50 waiters who hold a lock for 20 ms each. Each is an application of its own, with connections of its own, so that Redis
 * sees 50 processes; all of them are in this one process, since fifty would measure the scheduler. Claims: from the release
 * to the next hold 10 ms at the 99th percentile, at most 4 Redis commands a hand-over, nobody overtakes anybody.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../redis/support/servers.mjs';
import { locksOf } from './support/application.mjs';
import { commandsOf } from './support/commands.mjs';

const WAITERS = 50;
const HOLD_MS = 20;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function run() {
  const redis = await startRedis('standalone');
  const applications = [];
  for (let at = 0; at < WAITERS; at += 1) applications.push(await locksOf(redis));
  const gaps = [];
  let commands = 0;
  let inversions = 0;
  for (let round = -1; round < ROUNDS; round += 1) {
    const before = await commandsOf(redis);
    const holds = await contend(applications, `hand-over:${round + 1}`);
    const after = await commandsOf(redis);
    if (round < 0) continue;
    commands += after - before;
    inversions += holds.filter(({ at }, order) => at !== order).length;
    gaps.push(...holds.slice(1).map(({ from }, at) => from - holds[at].to));
  }
  for (const { close } of applications) await close();
  await redis.stop();
  const at = (share) => gaps.sort((a, b) => a - b)[Math.floor(gaps.length * share)];
  console.table({ 'hand-over, ms': { p50: at(0.5), p99: at(0.99), most: at(0.9999) } });
  return [
    { claim: 'lock, 50 waiters: hand-over, ms at the 99th percentile', value: at(0.99), limit: 10 },
    { claim: 'lock, 50 waiters: Redis commands a hand-over', value: commands / gaps.length, limit: 4 },
    { claim: 'lock, 50 waiters: who was overtaken', value: inversions, limit: 0 },
  ];
}

/** Everybody stands in line before the first lets go, in the order of their numbers. */
async function contend(applications, name) {
  const [first] = applications;
  const lock = await first.locks.acquire(name, { durability: 'local' });
  const holds = [];
  const waiting = [];
  for (const [at, { locks }] of applications.entries()) {
    const hold = async () => {
      const from = performance.now();
      await sleep(HOLD_MS);
      holds.push({ at, from, to: performance.now() });
    };
    waiting.push(locks.run(name, hold, { wait: '60s', durability: 'local' }));
    await sleep(3);
  }
  await lock.release();
  await Promise.all(waiting);
  return holds;
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
