import { setTimeout as sleep } from 'node:timers/promises';
import { CacheEvents, type RedisOption } from '@datapunk/cache';
import { eventually } from '../../support/redis/wait.js';
import { branch } from '../kit/seed.js';
import { Callers, type Report } from './callers.js';
import type { Fault } from './faults.js';
import { Fleet } from './fleet.js';
import { Lag } from './lag.js';
import { keyOf, Source, type Row } from './source.js';

const CALLERS = 64;
const KEYS = 120;

export interface StormOptions {
  readonly redis: RedisOption;
  readonly service: string;
  readonly seconds: number;
  readonly seed: number;
}

export interface Aftermath extends Report {
  /** Which faults struck, in order. */
  readonly struck: readonly string[];
  readonly unhandled: readonly string[];
  /** Keys whose cached value is not the source's, after all is quiet. */
  readonly stale: readonly string[];
}

/** Two applications, 64 callers, one fault after the other. All is well again at the end, without a restart. */
export async function storm(options: StormOptions, faults: readonly Fault[]): Promise<Aftermath> {
  const { redis, service, seconds, seed } = options;
  const unhandled: string[] = [];
  const note = (reason: unknown) => void unhandled.push(String(reason));
  process.on('unhandledRejection', note);
  const fleet = await Fleet.start(2, redis, service);
  const lag = new Lag();
  const source = new Source();
  const keys = Array.from({ length: KEYS }, (_, at) => keyOf(at));
  try {
    const callers = new Callers({ caches: fleet.caches, source, keys, random: branch(seed, 1), lag }, CALLERS);
    const struck = await strike(faults, seconds, seed);
    const report = await callers.stop();
    await recovered(fleet);
    const stale = await staleOf(fleet, source, keys);
    return { ...report, struck, unhandled, stale };
  } finally {
    await fleet.stop();
    lag.stop();
    process.off('unhandledRejection', note);
  }
}

/** Every fault at least once where there is time, in an order and for a time of chance. */
export async function strike(faults: readonly Fault[], seconds: number, seed: number): Promise<string[]> {
  const random = branch(seed, 2);
  const end = performance.now() + seconds * 1_000;
  const struck: string[] = [];
  let left: Fault[] = [];
  while (performance.now() < end) {
    if (left.length === 0) left = [...faults];
    const [fault] = left.splice(Math.floor(random() * left.length), 1);
    if (fault === undefined) break;
    struck.push(fault.name);
    await fault.strike(Math.floor(300 + random() * 1_200));
    await sleep(random() * 400);
  }
  return struck;
}

/** A change in one is seen by the other, through Redis: so all connections are back, and nothing had to be restarted. */
async function recovered(fleet: Fleet): Promise<void> {
  const [first, second] = fleet.caches;
  let turn = 0;
  await eventually('the fleet is one again', async () => {
    const key = `probe:${turn++}`;
    let layer: string | undefined;
    const forget = fleet
      .get(1)
      .get(CacheEvents)
      .on('hit', (event) => (layer = event.layer));
    try {
      await first?.set(key, turn);
      return (await second?.get(key)) === turn && layer === 'shared';
    } catch {
      return false;
    } finally {
      forget();
    }
  });
  // What was owed is made up for by then.
  await sleep(2_000);
}

async function staleOf(fleet: Fleet, source: Source, keys: readonly string[]): Promise<string[]> {
  const stale: string[] = [];
  for (const [at, cache] of fleet.caches.entries()) {
    for (const key of keys) {
      const cached = await cache.get<Row>(key);
      const { revision } = source.row(key);
      if (cached && cached.revision !== revision) stale.push(`${key} in ${at}: ${cached.revision} for ${revision}`);
    }
  }
  return stale;
}
