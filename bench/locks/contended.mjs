/**
 * Many who want one lock, out of the box but for the wait. Claims: 32 waiters of one process who hold it 5 ms each take at
 * most 1.15× of the 160 ms that they hold it, with at most 10 Redis commands; 4 processes with 8 each at most 1.25×, with at
 * most 100. The floor is the same holds one after the other, timed in the same round. Holds never overlap, tokens rise.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../support/measure.mjs';
import { startRedis } from '../redis/support/servers.mjs';
import { start, wrong } from './support/processes.mjs';
import { commandsOf } from './support/commands.mjs';

const HOLDS = 32;
const HOLD_MS = 5;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 11);

export async function run() {
  const redis = await startRedis('standalone');
  const claims = [];
  for (const [processes, times, commands] of [
    [1, 1.15, 10],
    [4, 1.25, 100],
  ]) {
    const figures = await rounds(redis, processes);
    console.log(`${processes} × ${HOLDS / processes} waiters, ${HOLD_MS} ms each, ${figures.length} rounds`);
    console.table(figures);
    const of = (what) => figures.map((one) => one[what]);
    const name = `lock, ${processes} × ${HOLDS / processes} waiters`;
    claims.push(
      { claim: `${name}: time, × of the holds alone`, value: median(of('ratio')), limit: times },
      { claim: `${name}: Redis commands`, value: median(of('commands')), limit: commands },
      { claim: `${name}: overlaps and tokens that fall`, value: Math.max(...of('wrong')), limit: 0 },
    );
  }
  await redis.stop();
  return claims;
}

async function rounds(redis, processes) {
  const fleet = await start(processes, redis);
  const figures = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const ideal = await alone();
    const before = await commandsOf(redis);
    const holds = await fleet.contend({ name: `one:${round + 2}`, waiters: HOLDS / processes, hold: HOLD_MS });
    const commands = (await commandsOf(redis)) - before;
    const { overlaps, inversions } = wrong(holds);
    const took = holds.at(-1).to - holds[0].from;
    if (round >= 0) figures.push({ ratio: took / ideal, commands, wrong: overlaps + inversions });
  }
  await fleet.end();
  return figures;
}

/** The same holds with nothing between them. */
async function alone() {
  const began = performance.now();
  for (let at = 0; at < HOLDS; at += 1) await sleep(HOLD_MS);
  return performance.now() - began;
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
