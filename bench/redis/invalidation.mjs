/**
 * From `delete` in one process until another has dropped the value from its memory, one at a time, beside a bare PUBLISH
 * until its message comes there, in the same rounds. Both ends read the clock that processes of a machine share. Claim: at
 * most 2.5× (the best peer takes 3.8×).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { median } from '../support/measure.mjs';
import { processOf } from './support/process-of.mjs';
import { startRedis } from './support/servers.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const COUNT = 200;
const LIMIT = 2.5;
const HEARER = fileURLToPath(new URL('support/hearer.mjs', import.meta.url));

export async function run() {
  const redis = await startRedis('standalone');
  const [{ host, port }] = redis.nodes;
  const url = `redis://${host}:${port}`;
  const writer = await processOf(url);
  const publisher = new Redis(url);
  const hearer = fork(HEARER, [url], { execArgv: [] });
  await once(hearer, 'message');

  const subjects = {
    floor: async (at) => {
      const heard = once(hearer, 'message');
      const start = process.hrtime.bigint();
      void publisher.publish('bench', `0123456789abcdef ${at} delete 1700000000000000 app:bench:town:${at}`);
      return Number(BigInt((await heard)[0]) - start);
    },
    ours: async (at) => {
      const key = `town:${at}`;
      const held = once(hearer, 'message');
      hearer.send(key);
      await held;
      const dropped = once(hearer, 'message');
      const start = process.hrtime.bigint();
      const deleted = writer.cache.delete([key]);
      const took = Number(BigInt((await dropped)[0]) - start);
      await deleted;
      return took;
    },
  };
  const times = { floor: [], ours: [] };
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const name of round % 2 ? ['ours', 'floor'] : ['floor', 'ours']) {
      const all = [];
      for (let at = 0; at < COUNT; at += 1) all.push(await subjects[name](at));
      if (round >= 0) times[name].push(median(all));
    }
  }
  hearer.kill();
  publisher.disconnect();
  await writer.stop();
  await writer.close();
  await redis.stop();
  const value = median(times.ours.map((time, round) => time / times.floor[round]));
  console.log(
    `PUBLISH to message: ${(median(times.floor) / 1_000).toFixed(0)} µs; delete to dropped: ${(median(times.ours) / 1_000).toFixed(0)} µs`,
  );
  return [{ claim: `invalidation from process to process: ≤ ${LIMIT}× of a bare PUBLISH`, value, limit: LIMIT }];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log(await run());
  process.exit();
}
