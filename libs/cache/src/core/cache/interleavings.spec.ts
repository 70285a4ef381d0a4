import { describe, expect, it } from 'vitest';
import { coreParts, interleavings, settle, type TestParts } from '../../../../../test/support/core.js';
import { COARSE, PLAIN, VERSIONED, World, type Fate } from '../../../../../test/support/race.js';
import { Intents, type Standing } from '../coherence/intents.js';
import { Notices } from '../coherence/notices.js';
import { LayeredStore } from '../layers/layered-store.js';
import { Cache } from './cache.js';
import type { CacheParts } from './parts.js';

interface Race {
  readonly entity: string;
  readonly fates: readonly Fate[];
  /** Whether the first state is cached when the race starts. */
  readonly warm: boolean;
  readonly instead?: ((real: TestParts) => Partial<Omit<CacheParts, 'clock'>>) | undefined;
}

type Actors = (world: World, race: Race) => readonly (readonly (() => void)[])[];

const writersAndReader: Actors = (world, { fates }) => [
  ...fates.map((fate, at) => world.writer(`writer ${at}`, fate)),
  world.reader(),
];

/** Runs the race in every order there is, each on a key of its own; the orders in which it went wrong, and how. */
async function wrongOrders(race: Race, actors: Actors): Promise<string[]> {
  const cache = new Cache(coreParts(race.instead === undefined ? {} : { instead: race.instead }));
  const steps = actors(new World('none', [cache]), race).map(({ length }) => length);
  const wrong: string[] = [];
  for (const order of interleavings(steps)) {
    const world = new World(`${race.entity}:${order.join('')}`, [cache]);
    if (race.warm) await cache.readThrough(world.key, () => world.row);
    const turns = actors(world, race).map((list) => list.values());
    for (const actor of order) {
      turns[actor]?.next().value?.();
      await settle();
    }
    await world.check();
    if (world.wrong.length > 0) wrong.push(`${order.join('')}: ${world.wrong.join('; ')}`);
  }
  return wrong;
}

class NoNotices extends Notices {
  override admits(): boolean {
    return true;
  }
}

class NoIntents extends Intents {
  override end(): Standing {
    return 'alone';
  }

  override isOpen(): boolean {
    return false;
  }
}

const noNotices = ({ store, clock }: TestParts) => {
  const notices = new NoNotices();
  return { notices, store: new LayeredStore({ hot: store.hot, below: [], notices, dates: clock }) };
};
const noIntents = ({ notices, clock }: TestParts) => ({ intents: new NoIntents(notices, clock, 0) });

const FATES: readonly (readonly Fate[])[] = [
  ['saves', 'saves'],
  ['saves', 'fails before it saved'],
  ['saves', 'fails after it saved'],
  ['fails after it saved', 'fails after it saved'],
];

describe('two writers and one reader, in every order of their steps', () => {
  it('are 1680 orders', () => {
    expect([...interleavings([3, 3, 3])]).toHaveLength(1_680);
    expect(new Set([...interleavings([2, 1])].map((order) => order.join('')))).toEqual(new Set(['001', '010', '100']));
  });

  it.each(FATES.flatMap((fates) => [true, false].map((warm) => ({ fates, warm }))))(
    'leave the truth or nothing in the cache: $fates, warm: $warm',
    async ({ fates, warm }) => {
      expect(await wrongOrders({ entity: PLAIN, fates, warm }, writersAndReader)).toEqual([]);
    },
  );

  it.each(FATES.filter(([, second]) => second !== 'fails after it saved').map((fates) => ({ fates })))(
    'leave the truth or nothing in the cache with the source’s versions: $fates',
    async ({ fates }) => {
      expect(await wrongOrders({ entity: VERSIONED, fates, warm: true }, writersAndReader)).toEqual([]);
    },
  );

  it('leave the truth or nothing where the source’s versions cannot tell them apart', async () => {
    const race: Race = { entity: COARSE, fates: ['saves', 'saves'], warm: true };
    expect(await wrongOrders(race, writersAndReader)).toEqual([]);
  });

  it.each([
    ['notices', noNotices],
    ['intents', noIntents],
    ['both', (real: TestParts) => ({ ...noIntents(real), ...noNotices(real) })],
  ])('leave a lie in some of them without %s', async (_, instead) => {
    const race: Race = { entity: PLAIN, fates: ['saves', 'saves'], warm: false, instead };
    expect((await wrongOrders(race, writersAndReader)).length).toBeGreaterThan(0);
  });
});

describe('a writer, a reader and an evictor, in every order of their steps', () => {
  const actors: Actors = (world) => [world.writer('writer', 'saves'), world.reader(), world.evictor()];

  it('leave the truth or nothing in the cache', async () => {
    expect(await wrongOrders({ entity: PLAIN, fates: [], warm: true }, actors)).toEqual([]);
  });
});

describe('the source’s versions, known not to order everything yet:', () => {
  it('a writer that failed after it saved has a version nobody knows', async () => {
    const race: Race = { entity: VERSIONED, fates: ['saves', 'fails after it saved'], warm: true };
    expect(await wrongOrders(race, writersAndReader)).toEqual([]);
  });

  it('so has a change behind an eviction', async () => {
    const actors: Actors = (world) => [world.writer('writer', 'saves'), world.reader(), world.evictor()];
    expect(await wrongOrders({ entity: VERSIONED, fates: [], warm: true }, actors)).toEqual([]);
  });
});
