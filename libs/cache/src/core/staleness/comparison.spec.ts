import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock, settle } from '../../../../../test/support/core.js';
import type { Entry } from '../entry/entry.js';
import { Comparison } from './comparison.js';
import type { Answer } from './sampled-hit.js';

const KEPT = entryOf({ name: 'old' }, Date.UTC(2030, 0, 1), { freshUntil: Infinity });
const OLD: Answer = { value: { name: 'old' }, source: undefined };
const NEW: Answer = { value: { name: 'new' }, source: undefined };

interface World {
  /** What the source says, one after the other; the last again and again. An error is thrown. */
  readonly says: readonly (Answer | Error)[];
  readonly entry?: Entry;
  readonly loadMs?: number;
}

/** One comparison, and everything that may happen meanwhile. */
function start({ says, entry = KEPT, loadMs = 0 }: World) {
  const clock = new FakeClock();
  const world = { isQuiet: true, isOpen: true, asked: 0, there: entry as Entry | undefined };
  const ask = async () => {
    const answer = says[Math.min(world.asked, says.length - 1)];
    world.asked += 1;
    clock.advance(loadMs);
    if (answer instanceof Error || answer === undefined) throw answer;
    return answer;
  };
  if (entry.kind !== 'value') throw new TypeError('A hit is of a value.');
  const comparison = new Comparison({ id: 'town:1', entry, ask, current: () => world.there }, 0, {
    clock,
    dates: clock,
    isQuiet: () => world.isQuiet,
    isOpen: () => world.isOpen,
  });
  const verdict = comparison.verdict();
  const settled = async () => {
    await settle();
    clock.advance(250);
  };
  return { clock, comparison, verdict, world, settled };
}

const versioned = (source: bigint | undefined) =>
  entryOf({ name: 'old' }, Date.UTC(2030, 0, 1), { version: { source, assigned: 1 }, freshUntil: Infinity });

describe('a hit compared with its source', () => {
  it('is the same where the source says so: asked once, at once', async () => {
    const { verdict, world } = start({ says: [OLD] });
    expect(await verdict).toBe('same');
    expect(world.asked).toBe(1);
  });

  it('is stale where the source says something else twice, and nothing tells of it', async () => {
    const { verdict, world, settled } = start({ says: [NEW] });
    await settled();
    expect(await verdict).toBe('stale');
    expect(world.asked).toBe(2);
  });

  it('is stale where the source knows nothing any more', async () => {
    const { verdict, settled } = start({ says: [{ value: undefined, source: undefined }] });
    await settled();
    expect(await verdict).toBe('stale');
  });

  it.each<[string, (world: ReturnType<typeof start>['world']) => void]>([
    ['a notice of its key came', (world) => Object.assign(world, { isQuiet: false })],
    ['its entry is gone', (world) => Object.assign(world, { there: undefined })],
    ['its entry is no longer fresh', (world) => Object.assign(world, { there: { ...KEPT, freshUntil: 0 } })],
    [
      'its entry is another',
      (world) => Object.assign(world, { there: { ...KEPT, version: { source: undefined, assigned: 2 } } }),
    ],
  ])('was just changing when %s while the source settled', async (_name, change) => {
    const { verdict, world, settled } = start({ says: [NEW] });
    await settle();
    change(world);
    await settled();
    expect(await verdict).toBe('changed');
    expect(world.asked).toBe(1);
  });

  it('was just changing when a notice of its key came while the source was asked again', async () => {
    const { verdict, world, settled, comparison } = start({ says: [NEW] });
    world.there = KEPT;
    const { ask } = comparison['hit'];
    Object.assign(comparison['hit'], {
      ask: async () => {
        if (world.asked > 0) world.isQuiet = false;
        return ask();
      },
    });
    await settled();
    expect(await verdict).toBe('changed');
    expect(world.asked).toBe(2);
  });

  it.each([
    ['says the same after all: it was asked in a replica that lagged', [NEW, OLD]],
    ['never says the same twice', [NEW, { value: { name: 'newer' }, source: undefined }]],
  ])('is not called stale where the source %s', async (_name, says) => {
    const { verdict, settled } = start({ says });
    await settled();
    expect(await verdict).toBe('changed');
  });

  it('failed where the source could not be asked, and says why', async () => {
    const error = new Error('down');
    const { verdict, comparison } = start({ says: [error] });
    expect(await verdict).toBe('failed');
    expect(comparison.error).toBe(error);
  });

  it('failed where the source could not be asked again', async () => {
    const { verdict, settled } = start({ says: [NEW, new Error('down')] });
    await settled();
    expect(await verdict).toBe('failed');
  });

  it('measures how long the source took, and not how long it settled', async () => {
    const { verdict, settled, comparison } = start({ says: [NEW], loadMs: 40 });
    await settled();
    await verdict;
    expect(comparison.loadMs).toBe(80);
  });
});

describe("a hit with the source's own version", () => {
  it('is the same where the versions are, whatever the values', async () => {
    const { verdict } = start({ says: [{ ...NEW, source: 3n }], entry: versioned(3n) });
    expect(await verdict).toBe('same');
  });

  it('is stale where the source has a newer one, without being asked again', async () => {
    const { verdict, world, settled } = start({ says: [{ ...NEW, source: 4n }], entry: versioned(3n) });
    await settled();
    expect(await verdict).toBe('stale');
    expect(world.asked).toBe(1);
  });

  it('is not called stale where the source says an older one', async () => {
    const { verdict, world } = start({ says: [{ ...NEW, source: 2n }], entry: versioned(3n) });
    expect(await verdict).toBe('changed');
    expect(world.asked).toBe(1);
  });

  it.each([
    [3n, undefined],
    [undefined, 3n],
  ])('is compared by value where only one of the two is known', async (kept, said) => {
    const { verdict, settled } = start({ says: [{ ...NEW, source: said }], entry: versioned(kept) });
    await settled();
    expect(await verdict).toBe('stale');
  });
});

describe('an application that ends', () => {
  it('asks no source', async () => {
    const { verdict, world, settled } = start({ says: [NEW] });
    await settle();
    world.isOpen = false;
    await settled();
    expect(await verdict).toBeUndefined();
    expect(world.asked).toBe(1);
  });

  it('has no verdict on what was under way', async () => {
    for (const says of [[OLD], [new Error('down')]]) {
      const { verdict, world } = start({ says });
      world.isOpen = false;
      expect(await verdict).toBeUndefined();
    }
  });
});
