/**
 * What each level costs on a Cluster of 3 + 3: a read of a value that is there, a write, with 64 callers at once and with
 * one; as multiples of a bare GET and SET of ioredis with autopipelining in the same round. No claim: it is what the
 * promises cost. With one caller a strict call waits for a round trip to the replicas, which shows in no CPU time.
 */
import { Cluster } from 'ioredis';
import { applicationOf, library } from '../support/application.mjs';
import { median } from '../support/measure.mjs';
import { CALLERS, product } from './support/load.mjs';
import { startRedis } from './support/servers.mjs';

const KEYS = 500;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const LEVELS = ['relaxed', 'eventual', 'strict'];

export async function run() {
  const redis = await startRedis('cluster');
  const app = await applicationOf([], { redis: { nodes: redis.nodes }, protection: { operations: false } });
  const small = await applicationOf([], {
    redis: { nodes: redis.nodes },
    local: { hot: { maxEntries: 1 } },
    protection: { operations: false },
  });
  const client = new Cluster(redis.nodes, { enableAutoPipelining: true });
  const bytes = Buffer.alloc(200);
  const reader = (cache, level) => (id) =>
    cache.readThrough(`product:${id % KEYS}`, async () => product(id), { level });
  const writer = (cache, level) => (id) =>
    cache.writeThrough(`product:${id % KEYS}`, product(id), async () => undefined, { level });
  const cache = app.get(library.CacheService);
  const cold = small.get(library.CacheService);
  const READS = {
    'GET of ioredis': (id) => client.getBuffer(`floor:${id % KEYS}`),
    ...Object.fromEntries(LEVELS.map((level) => [`read, ${level}`, reader(cache, level)])),
    'read, eventual, not in memory': reader(cold, 'eventual'),
  };
  const WRITES = {
    'SET of ioredis': (id) => client.set(`floor:${id % KEYS}`, bytes, 'PX', 300_000),
    ...Object.fromEntries(LEVELS.map((level) => [`write, ${level}`, writer(cache, level)])),
  };
  for (const subjects of [WRITES, READS]) {
    for (const callers of [CALLERS, 1]) console.table(await compared(subjects, callers));
  }
  client.disconnect();
  await Promise.all([app.close(), small.close()]);
  await redis.stop();
  return [];
}

/** Multiples of the first subject's time inside a round, the median of the rounds. */
async function compared(subjects, callers) {
  const names = Object.keys(subjects);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const name of round % 2 ? names.toReversed() : names) {
      const took = await timed(subjects[name], callers, callers === 1 ? 300 : 6_000);
      if (round >= 0) times[name].push(took);
    }
  }
  const [floor] = names;
  const row = (name) => {
    const ratio = median(times[name].map((time, round) => time / times[floor][round]));
    return { callers, '× of the floor': Number(ratio.toFixed(ratio < 0.1 ? 4 : 2)) };
  };
  return Object.fromEntries(names.map((name) => [name, row(name)]));
}

async function timed(ask, callers, count) {
  let next = 0;
  const caller = async () => {
    while (next < count) await ask(next++);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (performance.now() - start) / count;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await run();
  process.exit();
}
