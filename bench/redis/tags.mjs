/**
 * What `invalidateTags` takes for a tag of 10 entries and for one of 1,000,000, in the same rounds: in a process alone, and
 * over Redis. Claim: the same, at most 1.25×.
 */
import { median } from '../support/measure.mjs';
import { applicationOf, library } from '../support/application.mjs';
import { startRedis } from './support/servers.mjs';

const ENTRIES = Number(process.env.BENCH_ENTRIES ?? 1_000_000);
const FEW = 10;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const TOGETHER = 500;
const COUNT = 200;
const LIMIT = 1.25;

async function filled(options) {
  const local = { budget: '2gb', hot: { maxEntries: ENTRIES * 2 } };
  const app = await applicationOf([], {
    ...options,
    local,
    staleness: false,
    protection: { operations: false, patience: '1s' },
  });
  const cache = app.get(library.CacheService);
  for (let at = 0; at < FEW; at += 1) await cache.set(`town:${at}`, at, { ttl: '1h', tags: ['few'] });
  for (let from = FEW; from < ENTRIES; from += TOGETHER) {
    const part = Array.from({ length: TOGETHER }, (_, n) =>
      cache.set(`town:${from + n}`, n, { ttl: '1h', tags: ['many'] }),
    );
    await Promise.all(part);
  }
  return { app, cache };
}

async function measured(name, options) {
  const { app, cache } = await filled(options);
  const times = { few: [], many: [] };
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const tag of round % 2 ? ['few', 'many'] : ['many', 'few']) {
      const start = performance.now();
      for (let at = 0; at < COUNT; at += 1) await cache.invalidateTags([tag]);
      if (round >= 0) times[tag].push(performance.now() - start);
    }
  }
  const isGone = (await cache.get(`town:${ENTRIES - 1}`)) === undefined && (await cache.get('town:0')) === undefined;
  if (!isGone) throw new Error('an entry outlived its tag');
  await app.close();
  const value = median(times.many.map((time, round) => time / times.few[round]));
  const us = (of) => ((median(times[of]) / COUNT) * 1_000).toFixed(1);
  console.log(`${name}: ${us('few')} µs for ${FEW} entries, ${us('many')} µs for ${ENTRIES}`);
  return { claim: `invalidateTags, ${name}: 1,000,000 entries as soon as 10, ≤ ${LIMIT}×`, value, limit: LIMIT };
}

export async function run() {
  const alone = await measured('one process', {});
  const redis = await startRedis('standalone');
  try {
    const [{ host, port }] = redis.nodes;
    return [alone, await measured('Redis', { redis: `redis://${host}:${port}` })];
  } finally {
    await redis.stop();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log(await run());
  process.exit();
}
