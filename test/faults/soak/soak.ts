import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { AppProcess } from '../kit/app-process.js';
import type { ProxiedServer } from '../kit/proxied.js';
import { standaloneFaults } from '../storm/faults.js';
import { strike } from '../storm/storm.js';
import type { Sizes } from './collections.js';
import type { Sample } from './heap.js';
import type { Curve, Mark } from './picture.js';
import type { Soaked, SoakOptions } from './soak.app.js';

const APP = join(__dirname, 'soak.app.ts');
const FAULTS = ['SIGKILL and restart', 'SIGSTOP', 'black hole', 'reset', 'lost replies'];

/** What became of one process. */
export interface Bath extends Curve {
  readonly report: Soaked;
  /** The most that each collection ever held. */
  readonly sizes: Sizes;
}

export interface Soak {
  readonly healthy: readonly Bath[];
  readonly sick: Bath;
  readonly marks: readonly Mark[];
}

/** Two processes and a sick one work on one Redis, which is struck again and again. */
export async function soak(one: ProxiedServer, seconds: number, seed: number): Promise<Soak> {
  const options: SoakOptions = { redis: `redis://${one.proxy.address}`, seed };
  const names = ['first process', 'second process', 'sick process'];
  const apps = await Promise.all(
    names.map((_, at) =>
      AppProcess.start(APP, {
        ...options,
        seed: seed + at,
        sickEveryMs: at === 2 ? Math.max(100, seconds * 12) : undefined,
      }),
    ),
  );
  const began = performance.now();
  const now = () => (performance.now() - began) / 1_000;
  const marks: Mark[] = [];
  const faults = standaloneFaults(one)
    .filter(({ name }) => FAULTS.includes(name))
    .map((fault) => ({
      ...fault,
      strike: (ms: number) => {
        marks.push({ seconds: now(), name: fault.name });
        return fault.strike(ms);
      },
    }));
  try {
    const watched = apps.map((app) => watch(app, seconds, now));
    const [all] = await Promise.all([Promise.all(watched), strike(faults, seconds, seed)]);
    const reports = await Promise.all(apps.map((app) => app.call<Soaked>('stop')));
    const baths = all.map((seen, at) => ({ ...seen, name: names[at] ?? '', report: reports[at] as Soaked }));
    return { healthy: baths.slice(0, 2), sick: baths[2] as Bath, marks };
  } finally {
    await Promise.all(apps.map((app) => app.kill()));
  }
}

/** Asks a process what it holds, until the time is over. */
async function watch(app: AppProcess, seconds: number, now: () => number) {
  const samples: Sample[] = [];
  const sizes: Record<string, number> = {};
  while (now() < seconds) {
    samples.push({ seconds: now(), bytes: await app.call<number>('heap') });
    for (const [path, size] of Object.entries(await app.call<Sizes>('sizes'))) {
      sizes[path] = Math.max(size, sizes[path] ?? 0);
    }
    await sleep(Math.max(300, seconds * 5));
  }
  return { samples, sizes };
}
