/** Rounds of subjects in processes of their own, in turn: a slow moment of the machine hits them all. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 11);
const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Starts a subject: a module and the name of the function there that makes it. */
export async function start({ file, name }, { kind, nodes }) {
  const path = fileURLToPath(new URL(`${file}.mjs`, import.meta.url));
  const child = fork(CHILD, [path, name, JSON.stringify({ kind, nodes })], { execArgv: [] });
  const died = new Promise((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}`)));
  });
  died.catch(() => {});
  const answer = async () => (await Promise.race([once(child, 'message'), died]))[0];
  await answer();
  return {
    ask: (order) => {
      child.send(order);
      return answer();
    },
    end: async () => {
      child.send({ action: 'end' });
      await once(child, 'exit');
    },
  };
}

/** In every round each subject has its turn, in alternating order. Times are µs a question. */
export async function rounds(subjects, { order, redis, prepare, rounds: many = ROUNDS, warmup = 3 }) {
  const figures = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
  for (let round = -warmup; round < many; round += 1) {
    const names = Object.keys(subjects);
    if (round % 2) names.reverse();
    for (const name of names) {
      await prepare();
      const before = await redis.cpuMs();
      const figure = await subjects[name].ask({ ...order, round });
      const server = (((await redis.cpuMs()) - before) * 1_000) / order.count;
      if (round >= 0) figures[name].push({ ...figure, server });
    }
  }
  return figures;
}
