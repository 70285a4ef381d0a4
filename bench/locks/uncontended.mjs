/**
 * 64 callers at once, each acquires and releases locks that nobody else wants. Claim: on one server, with local durability,
 * at least 1.05× of the throughput of SET NX PX with compare-and-delete on ioredis. Wall time, because the server's
 * processor counts too. Replicated locks and a Cluster are printed beside it and claim nothing.
 */
import { randomBytes } from 'node:crypto';
import { Cluster, Redis } from 'ioredis';
import { median } from '../support/measure.mjs';
import { startRedis } from '../redis/support/servers.mjs';
import { locksOf } from './support/application.mjs';

const CALLERS = 64;
const COUNT = 6_000;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 11);
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export async function run() {
  const standalone = await figuresOn('standalone', { local: { durability: 'local' } });
  await figuresOn('cluster', { local: { durability: 'local' }, replicated: { durability: 'replicated' } });
  const value = 1 / standalone.local;
  return [{ claim: 'lock, uncontended, one server: ≥ 1.05× of SET NX PX, as time', value, limit: 1 / 1.05 }];
}

async function figuresOn(kind, durabilities) {
  const redis = await startRedis(kind);
  const client = kind === 'cluster' ? new Cluster(redis.nodes) : new Redis(redis.nodes[0]);
  client.defineCommand('unlock', { numberOfKeys: 1, lua: RELEASE });
  const { locks, close } = await locksOf(redis);
  const subjects = { 'floor: SET NX PX, ioredis': (name) => byHand(client, name) };
  for (const [name, options] of Object.entries(durabilities)) {
    subjects[name] = async (id) => (await locks.acquire(id, options)).release();
  }
  const times = await measured(subjects);
  await close();
  client.disconnect();
  await redis.stop();
  const [floor] = Object.values(times);
  const ratios = Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, median(all.map((time, at) => floor[at] / time))]),
  );
  console.log(`${kind}, median of ${ROUNDS} rounds`);
  console.table(
    Object.fromEntries(
      Object.entries(times).map(([name, all]) => [
        name,
        { 'thousand/s': (COUNT / median(all)).toFixed(1), '× throughput': ratios[name].toFixed(2) },
      ]),
    ),
  );
  return ratios;
}

async function byHand(client, name) {
  const owner = randomBytes(16).toString('hex');
  if ((await client.set(`floor:${name}`, owner, 'PX', 30_000, 'NX')) !== 'OK') throw new Error('busy');
  await client.unlock(`floor:${name}`, owner);
}

/** Wall ms of each subject in every round, in alternating order. */
async function measured(subjects) {
  const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round += 1) {
    const names = Object.keys(subjects);
    if (round % 2) names.reverse();
    for (const name of names) {
      let next = 0;
      const caller = async () => {
        while (next < COUNT) await subjects[name](`${next++ % 1_000}`);
      };
      const began = performance.now();
      await Promise.all(Array.from({ length: CALLERS }, caller));
      if (round >= 0) times[name].push(performance.now() - began);
    }
  }
  return times;
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
