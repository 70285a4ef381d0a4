/**
 * W4: 10,000 concurrent callers on one cold key, a loader of 50 ms. Claims: 1 loader call, at most 3 ms over the load,
 * at most 2 MB more heap. "Over" is wall time behind the moment the loader answered; the median of the rounds. The
 * floor is a Map with a shared promise. Needs --expose-gc. Shows nothing about other processes.
 */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './support/measure.mjs';
import { applicationOf, library } from './support/application.mjs';

const CALLERS = 10_000;
const LOAD_MS = 50;
const ROUNDS = 15;

export async function run() {
  const app = await applicationOf();
  const cache = app.get(library.CacheService);
  const flights = new Map();
  const readers = {
    'floor: Map of promises': (key, load) => {
      const running = flights.get(key) ?? load();
      flights.set(key, running);
      return running;
    },
    readThrough: (key, load) => cache.readThrough(key, load),
  };
  const figures = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const [name, read] of Object.entries(readers)) {
      const figure = await stampede(`cold:${name.length}-${round + 3}`, read);
      if (round >= 0) figures[name].push(figure);
    }
  }
  await app.close();
  const summary = Object.fromEntries(
    Object.entries(figures).map(([name, all]) => [
      name,
      {
        calls: Math.max(...all.map(({ calls }) => calls)),
        'ms over': median(all.map(({ over }) => over)),
        'cpu ms': median(all.map(({ cpu }) => cpu)),
        'peak heap MB': median(all.map(({ heap }) => heap)),
      },
    ]),
  );
  console.table(Object.fromEntries(Object.entries(summary).map(([name, row]) => [name, rounded(row)])));
  const ours = summary.readThrough;
  return [
    { claim: 'W4 stampede: loader calls', value: ours.calls, limit: 1 },
    { claim: 'W4 stampede: ms over the load', value: ours['ms over'], limit: 3 },
    { claim: 'W4 stampede: MB more heap than before', value: ours['peak heap MB'], limit: 2 },
  ];
}

async function stampede(key, read) {
  let calls = 0;
  let answered = 0;
  const load = async () => {
    calls += 1;
    await sleep(LOAD_MS);
    answered = performance.now();
    return { id: 1, name: 'loaded' };
  };
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  const callers = Array.from({ length: CALLERS }, () => read(key, load));
  const all = Promise.all(callers);
  const heap = process.memoryUsage().heapUsed - before;
  await all;
  const over = performance.now() - answered;
  const spent = process.cpuUsage(cpu);
  return { calls, over, heap: heap / 2 ** 20, cpu: (spent.user + spent.system) / 1_000 };
}

function rounded(row) {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toFixed(2))]));
}

if (process.argv[1] === new URL(import.meta.url).pathname) console.log(await run());
