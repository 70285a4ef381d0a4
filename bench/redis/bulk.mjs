/**
 * A bulk read of 100 keys, of which 90 are in Redis and none in memory, on a Cluster of 3 + 3; beside the same as single
 * reads, one after the other and all at once, in the same rounds, by one caller. Every call has ten ids that nobody has
 * asked for. Claim: at least 5× the throughput of single reads one after the other. Those that begin in one tick travel in
 * one batch a node as well, so a bulk read saves them no trip, only runs of the loader: that row is no claim.
 */
import { applicationOf, library } from '../support/application.mjs';
import { median } from '../support/measure.mjs';
import { product } from './support/load.mjs';
import { startRedis } from './support/servers.mjs';

const HITS = 90;
const MISSES = 10;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const CALLS = 60;
const TIMES = 5;
const ONE_BY_ONE = 'single reads, one after the other';

const keyOf = (id) => `product:${id}`;
/** Asked for in turn, so that memory has lost a key by the time it is asked for again. */
const SEEDED = 9_000;
const seeded = Array.from({ length: SEEDED }, (_, id) => id);
let turn = 0;
let unknown = SEEDED;

function asked() {
  const from = (turn++ * HITS) % SEEDED;
  return [...seeded.slice(from, from + HITS), ...Array.from({ length: MISSES }, () => unknown++)];
}

export async function run() {
  const redis = await startRedis('cluster');
  const app = await applicationOf([], {
    redis: { nodes: redis.nodes },
    local: { hot: { maxEntries: 1 } },
    protection: { operations: false },
  });
  const cache = app.get(library.CacheService);
  const single = (id) => cache.readThrough(keyOf(id), async () => product(id));
  const loadMany = async (ids) => new Map(ids.map((id) => [id, product(id)]));
  const subjects = {
    bulk: () => cache.readThroughMany(asked(), keyOf, loadMany),
    'single reads, all at once': () => Promise.all(asked().map(single)),
    [ONE_BY_ONE]: async () => {
      for (const id of asked()) await single(id);
    },
  };
  await Promise.all(seeded.map(single));
  const figures = await measured(subjects, redis);
  await app.close();
  await redis.stop();
  console.table(table(figures));
  const value = median(figures.bulk.map(({ ms }, round) => ms / figures[ONE_BY_ONE][round].ms));
  const claim = `bulk of ${HITS + MISSES} keys, cluster: ≥ ${TIMES}× the throughput of ${ONE_BY_ONE}, as time`;
  return [{ claim, value, limit: 1 / TIMES }];
}

/** In every round each subject has its turn, in alternating order. */
async function measured(subjects, redis) {
  const figures = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = -3; round < ROUNDS; round += 1) {
    const names = Object.keys(subjects);
    for (const name of round % 2 ? names.toReversed() : names) {
      const figure = await timed(subjects[name], redis);
      if (round >= 0) figures[name].push(figure);
    }
  }
  return figures;
}

async function timed(ask, redis) {
  const before = await redis.traffic();
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let call = 0; call < CALLS; call += 1) await ask();
  const ms = (performance.now() - start) / CALLS;
  const { user, system } = process.cpuUsage(cpu);
  const after = await redis.traffic();
  const each = (what) => (after[what] - before[what]) / CALLS / redis.primaries;
  return { ms, cpu: (user + system) / 1_000 / CALLS, commands: each('commands'), reads: each('reads') };
}

function table(figures) {
  const row = (name) => {
    const of = (what) => median(figures[name].map((one) => one[what])).toFixed(2);
    return {
      'ms a call': of('ms'),
      'ms CPU': of('cpu'),
      'commands a node and call': of('commands'),
      'packets a node and call': of('reads'),
    };
  };
  return Object.fromEntries(Object.keys(figures).map((name) => [name, row(name)]));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log(await run());
  process.exit();
}
