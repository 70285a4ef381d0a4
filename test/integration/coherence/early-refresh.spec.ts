import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import type { CallReadOptions } from '../../../libs/cache/src/core/cache/policy.js';
import { gate } from '../../support/gate.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { PLACES, TestProcesses } from './processes.js';

const KEY = 'river:1';
const LIFE_MS = 6_000;
/** `ttl` is spread by ±10 %. */
const DUE_MS = LIFE_MS * 0.1 * 1.1 + 20;
const EARLY: CallReadOptions = { ttl: LIFE_MS, earlyRefresh: { threshold: 0.1 } };

/** Processes that have the same value in memory, which is due to be loaded anew. */
async function due(place: string, prepare?: (processes: TestProcesses) => void) {
  const processes = await TestProcesses.start(2, place, `early-${randomUUID()}`);
  onTestFinished(() => processes.stop());
  prepare?.(processes);
  const source = { loads: 0, hold: Promise.resolve() as Promise<unknown> };
  const load = async (): Promise<string> => {
    const number = ++source.loads;
    await source.hold;
    return `load ${number}`;
  };
  let stored = 0;
  for (const { parts } of processes.caches) parts.events.on('stored', () => (stored += 1));
  const keeps = (count: number) => eventually('it is kept', () => stored >= count);
  const read = (cache: Cache) => cache.readThrough(KEY, load, EARLY);
  const [first, second] = processes.caches as readonly [Cache, Cache];
  await read(first);
  await keeps(1);
  for (const cache of [first, second]) expect(await read(cache)).toBe('load 1');
  await pause(DUE_MS);
  return { first, second, read, keeps, source };
}

/** Both read it, while it is loaded anew and after that. How often it was loaded. */
async function readByBoth(place: string, prepare?: (processes: TestProcesses) => void): Promise<number> {
  const { first, second, read, keeps, source } = await due(place, prepare);
  const held = gate();
  source.hold = held.promise;
  // Each of them looks again, while the other is still at it.
  for (const cache of [first, second, first, second]) {
    expect(await read(cache)).toBe('load 1');
    await pause(30);
  }
  held.open();
  await keeps(2);
  await pause(50);
  for (const cache of [first, second, first, second]) {
    await read(cache);
    await pause(30);
  }
  return source.loads;
}

describe.each(Object.keys(PLACES))('a value that several processes have, on Redis %s', (place) => {
  it('is loaded anew by one of them', async () => {
    expect(await readByBoth(place)).toBe(2);
  });

  it('would be by each of them without the fence (control)', async () => {
    expect(await readByBoth(place, (processes) => processes.breakFences())).toBeGreaterThan(2);
  });

  it('is only fetched where another has loaded it anew already', async () => {
    const { first, second, read, keeps, source } = await due(place);
    expect(await read(first)).toBe('load 1');
    await keeps(2);
    expect(await read(second)).toBe('load 1');
    await eventually('it has it', async () => (await read(second)) === 'load 2');
    expect(source.loads).toBe(2);
  });

  it('stays deleted where it was meanwhile', async () => {
    const { first, second, read, source } = await due(place);
    const held = gate();
    source.hold = held.promise;
    await read(first);
    await eventually('it is loaded', () => source.loads === 2);
    await second.delete([KEY]);
    held.open();
    await pause(100);
    expect([await first.get(KEY), await second.get(KEY)]).toEqual([undefined, undefined]);
  });
});
