import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisOption } from '@datapunk/cache';
import type { CacheRuntime } from '../../../libs/cache/src/nest/plans/runtime.js';
import { CACHE_RUNTIME } from '../../../libs/cache/src/nest/tokens.js';
import { seeded } from '../kit/seed.js';
import { Callers, type Report } from '../storm/callers.js';
import { Fleet } from '../storm/fleet.js';
import { Lag } from '../storm/lag.js';
import { keyOf, Source } from '../storm/source.js';
import type { Operation } from '../storm/operations.js';
import { collectionsOf, type Sizes } from './collections.js';
import { heapUsed } from './heap.js';
import { workload } from './workload.js';

const CALLERS = 16;
const KEYS = 1_000;

export interface SoakOptions {
  readonly redis: RedisOption;
  readonly seed: number;
  /** The control: so often, in ms, it keeps what it should let go, and some of its calls take too long. */
  readonly sickEveryMs?: number | undefined;
}

/** What a process has seen when it ends. */
export interface Soaked extends Report {
  readonly unhandled: readonly string[];
}

export interface SoakMethods {
  heap(): number;
  sizes(): Sizes;
  stop(): Promise<Soaked>;
}

const tooLong: Operation = {
  name: 'too long',
  share: 0.02,
  limitMs: 100,
  run: async () => {
    await sleep(400);
    return undefined;
  },
};

async function warmUp(fleet: Fleet, source: Source, keys: readonly string[]): Promise<void> {
  const [cache] = fleet.caches;
  await Promise.allSettled(keys.map(async (key) => cache?.readThrough(key, async () => source.change(key))));
}

/** One application and its callers. */
export async function start({ redis, seed, sickEveryMs }: SoakOptions): Promise<SoakMethods> {
  const unhandled: string[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  const fleet = await Fleet.start(1, redis, 'soak');
  const { parts } = fleet.get(0).get<CacheRuntime>(CACHE_RUNTIME);
  const source = new Source();
  const keys = Array.from({ length: KEYS }, (_, at) => keyOf(at));
  // All keys are met before the first sample: the rest is to be flat.
  for (let at = 0; at < KEYS; at += 100) await warmUp(fleet, source, keys.slice(at, at + 100));
  const healthy = workload(keyOf, KEYS);
  const operations = sickEveryMs ? [tooLong, ...healthy] : healthy;
  const lag = new Lag();
  const callers = new Callers({ caches: fleet.caches, source, keys, random: seeded(seed), lag, operations }, CALLERS);
  const hoard: string[][] = [];
  const leak = sickEveryMs
    ? setInterval(() => hoard.push(Array.from({ length: 20_000 }, (_, at) => `${at}`)), sickEveryMs)
    : undefined;
  return {
    heap: heapUsed,
    sizes: () => collectionsOf(parts),
    stop: async () => {
      const report = await callers.stop();
      clearInterval(leak);
      lag.stop();
      await fleet.stop();
      return { ...report, unhandled };
    },
  };
}
