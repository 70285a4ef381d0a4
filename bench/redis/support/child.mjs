/** A subject in a process of its own: `child.mjs <module> <export> <servers as JSON>`; does what its parent says. */
import { CALLERS, product } from './load.mjs';

const [, , file, name, servers] = process.argv;
const module = await import(file);
const subject = await module[name](JSON.parse(servers));

const ACTIONS = {
  /** Puts `keys` products there. */
  seed: ({ keys }) => loop(keys, (id) => subject.readThrough(`product:${id}`, () => Promise.resolve(product(id)))),
  hit: ({ keys, count }) => loop(count, (id) => subject.read(`product:${id % keys}`)),
  /** Every key is new; a round is over when the last value is stored. */
  miss: ({ round, count }) =>
    loop(count, (id) => subject.readThrough(`miss:${round}:${id}`, () => Promise.resolve(product(id)))),
};

/** Asks `count` times with `CALLERS` at once; wall and processor time in µs a question. */
async function loop(count, ask) {
  let next = 0;
  let missing = 0;
  const caller = async () => {
    while (next < count) if ((await ask(next++)) === undefined) missing += 1;
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await subject.settled();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (missing > 0) throw new Error(`${name}: ${missing} of ${count} answers were none`);
  return { wall: (wall * 1_000) / count, cpu: (user + system) / count };
}

async function obey({ action, ...of }) {
  if (action !== 'end') return process.send(await ACTIONS[action](of));
  await subject.close();
  process.exit();
}

process.on('message', (order) => void obey(order));
process.send('ready');
