import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RedisOption } from '@datapunk/cache';
import { AppProcess } from '../kit/app-process.js';
import { commandsOf } from '../kit/commands.js';
import type { Seen } from './stampede.app.js';

const APP = join(__dirname, 'stampede.app.ts');
const PROCESSES = 8;
const CALLERS = 500;
const LOAD_MS = 200;

/** By hand 200. */
const ROUNDS = Number(process.env.STAMPEDE_ROUNDS ?? 3);

const PLACES: Readonly<Record<string, () => RedisOption>> = {
  standalone: () => inject('redis').standalone,
  Cluster: () => ({ nodes: inject('redis').cluster }),
};

describe.each(Object.keys(PLACES))('a stampede of a whole fleet on one cold key, on Redis %s', (place) => {
  let fleet: AppProcess[];
  const service = `stampede-${process.pid}-${place.toLowerCase()}`;

  beforeAll(async () => {
    const options = { redis: PLACES[place]?.(), service };
    // The first compiles for all others.
    const first = await AppProcess.start(APP, options);
    const others = Array.from({ length: PROCESSES - 1 }, () => AppProcess.start(APP, options));
    fleet = [first, ...(await Promise.all(others))];
    // Their scripts are known to Redis, and their code to the compiler.
    for (let warm = 0; warm < 3; warm += 1) await stampede(`warm:${warm}`);
  });
  afterAll(() => Promise.all(fleet.map((app) => app.kill())));

  const stampede = (key: string, callers = CALLERS) =>
    Promise.all(fleet.map((app) => app.call<Seen>('stampede', key, callers, LOAD_MS)));

  it('is one load, seen by all within 30 ms of its end, at 3 commands a process', async () => {
    const late: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await commandsOf(place);
      const seen = await stampede(`cold:${round}`);
      const after = await commandsOf(place);
      expect(seen.reduce((sum, { loads }) => sum + loads, 0)).toBe(1);
      expect(new Set(seen.flatMap(({ values }) => values)).size).toBe(1);
      expect(after - before).toBeLessThanOrEqual(3 * PROCESSES);
      const loaded = Math.max(...seen.map((one) => one.loaded));
      late.push(Math.max(...seen.map(({ last }) => last)) - loaded);
    }
    const worst = late.toSorted((a, b) => b - a);
    console.log(
      `the last of ${PROCESSES * CALLERS} callers, ms after the load: ${worst.map(Math.round).slice(0, 10).join(' ')}`,
    );
    // In the middle: the nodes of a cluster pass a message on after up to 40 ms now and then, whoever sends it.
    expect(worst[Math.floor(worst.length / 2)]).toBeLessThan(30);
    expect(worst[0]).toBeLessThan(200);
  });
});
