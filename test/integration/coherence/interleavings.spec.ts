import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interleavings } from '../../support/core.js';
import { COARSE, PLAIN, VERSIONED, World, type Fate } from '../../support/race.js';
import { pause } from '../../support/redis/wait.js';
import { PLACES, TestProcesses } from './processes.js';

/** Races at a time: each has a key of its own. */
const TOGETHER = 120;

/** A step is done after so long, mostly. A late one only makes another order, which has to be right as well. */
const STEP_MS = 4;

const TOLD_MS = 2_000;

type Actors = (world: World) => readonly (readonly (() => void)[])[];

const FATES: readonly (readonly Fate[])[] = [
  ['saves', 'saves'],
  ['saves', 'fails after it saved'],
];

/** Two writers in processes of their own, and a reader in a third. */
const writersAndReader =
  (fates: readonly Fate[]): Actors =>
  (world) => [
    ...fates.map((fate, at) => world.writer(`writer ${at}`, fate, world.processes[at])),
    world.reader(world.processes[2]),
  ];

const evictorAndReader: Actors = (world) => [
  world.writer('writer', 'saves', world.processes[0]),
  world.reader(world.processes[2]),
  world.evictor(world.processes[1]),
];

/** A message may take its time; what is wrong after so long stays wrong. */
async function quiet(worlds: readonly World[]): Promise<void> {
  const until = performance.now() + TOLD_MS;
  const areWrong = async () => (await Promise.all(worlds.map((world) => world.isWrong()))).includes(true);
  while ((await areWrong()) && performance.now() < until) await pause(10);
  await Promise.all(worlds.map((world) => world.check()));
}

describe.each(Object.keys(PLACES))('several processes in every order of their steps, on Redis %s', (place) => {
  let processes: TestProcesses;
  let races = 0;
  const service = `orders-${process.pid}-${place.toLowerCase()}`;

  beforeAll(async () => {
    processes = await TestProcesses.start(3, place, service);
  });
  afterAll(() => processes.stop());

  /** Runs all orders; those in which it went wrong, and how. */
  async function wrongOrders(entity: string, actors: Actors): Promise<string[]> {
    const race = (races += 1);
    const worldOf = (name: string) => new World(`${entity}:${race}-${name}`, processes.caches);
    const steps = actors(worldOf('none')).map(({ length }) => length);
    const orders = [...interleavings(steps)];
    const wrong: string[] = [];
    for (let at = 0; at < orders.length; at += TOGETHER) {
      const batch = orders.slice(at, at + TOGETHER).map((order) => ({ order, world: worldOf(order.join('')) }));
      await Promise.all(batch.map(async ({ world }) => world.processes[2]?.readThrough(world.key, () => world.row)));
      const running = batch.map(({ order, world }) => ({
        order,
        world,
        turns: actors(world).map((list) => list.values()),
      }));
      for (let step = 0; step < (orders[0]?.length ?? 0); step += 1) {
        for (const { order, turns } of running) turns[order[step] ?? -1]?.next().value?.();
        await pause(STEP_MS);
      }
      await quiet(batch.map(({ world }) => world));
      for (const { order, world } of batch)
        if (world.wrong.length > 0) wrong.push(`${order.join('')}: ${world.wrong.join('; ')}`);
    }
    return wrong;
  }

  it.each(FATES.flatMap((fates) => [PLAIN, VERSIONED, COARSE].map((entity) => ({ entity, fates }))))(
    'leave the truth or nothing in every cache: $entity, $fates',
    async ({ entity, fates }) => {
      expect(await wrongOrders(entity, writersAndReader(fates))).toEqual([]);
    },
  );

  it.each([0, 1])('keep the newer of two values that have versions (process %d ends first)', async (first) => {
    const world = new World(`${VERSIONED}:kept-${first}`, processes.caches);
    const turns = [0, 1].map((at) => world.writer(`writer ${at}`, 'saves', world.processes[at]).values());
    const step = async (at: number) => {
      turns[at]?.next().value?.();
      await pause(10 * STEP_MS);
    };
    for (const at of [0, 1, 0, 1, first, 1 - first]) await step(at);
    await quiet([world]);
    expect(world.wrong).toEqual([]);
    expect(await world.processes[2]?.get(world.key)).toEqual(world.row);
  });

  it('leave the truth or nothing where one of them evicts', async () => {
    expect(await wrongOrders(PLAIN, evictorAndReader)).toEqual([]);
  });
});

describe('the control: several processes without a fence', () => {
  it('leave a lie in some orders', async () => {
    const processes = await TestProcesses.start(3, 'standalone', `orders-${process.pid}-naive`);
    processes.breakFences();
    const worlds: World[] = [];
    for (const order of interleavings([3, 3, 3])) {
      if (worlds.length === TOGETHER) break;
      const world = new World(`${PLAIN}:${order.join('')}`, processes.caches);
      worlds.push(world);
      const turns = writersAndReader(['saves', 'saves'])(world).map((list) => list.values());
      for (const actor of order) {
        turns[actor]?.next().value?.();
        await pause(1);
      }
    }
    await quiet(worlds);
    expect(worlds.filter(({ wrong }) => wrong.length > 0).length).toBeGreaterThan(0);
    await processes.stop();
  });
});
