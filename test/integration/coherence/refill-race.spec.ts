import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import { gate } from '../../support/gate.js';
import { pause } from '../../support/redis/wait.js';
import { PLACES, TestProcesses } from './processes.js';

/** A key a round. By hand 10,000. */
const ROUNDS = Number(process.env.REFILL_ROUNDS ?? 2_000);

/** Rounds at a time. */
const TOGETHER = 100;

/** A message may take its time; what is stale after so long stays stale. */
const TOLD_MS = 2_000;

type Change = (cache: Cache, key: string, save: () => string) => Promise<unknown>;

/** The ways to change a key, each with what it leaves in the source. */
const CHANGES: readonly Change[] = [
  (cache, key, save) => Promise.resolve(save()).then(() => cache.delete([key])),
  (cache, key, save) => Promise.resolve(save()).then(() => cache.expire([key])),
  (cache, key, save) => cache.writeThrough(key, 'new', save),
  (cache, key, save) => cache.evict([key], async () => save()),
  (cache, key, save) => cache.set(key, save()),
];

/**
 * A read misses and looks at the source; another process changes the source and the cache; the read comes back late with
 * what it saw. The keys whose old value somebody still has after all were told.
 */
async function staleKeys(caches: readonly [Cache, ...Cache[]], race: string): Promise<string[]> {
  const stale: string[] = [];
  const [reader, writer] = caches;
  for (let at = 0; at < ROUNDS; at += TOGETHER) {
    const keys = Array.from({ length: TOGETHER }, (_, of) => `refill:${race}-${at + of}`);
    await Promise.all(
      keys.map((key, of) => round(reader, writer ?? reader, { key, change: CHANGES[of % CHANGES.length] })),
    );
    const isStale = async (key: string) => (await Promise.all(caches.map((cache) => cache.get(key)))).includes('old');
    const until = performance.now() + TOLD_MS;
    let left = keys;
    do {
      const found = await Promise.all(left.map(isStale));
      left = left.filter((_, of) => found[of]);
      if (left.length > 0) await pause(20);
    } while (left.length > 0 && performance.now() < until);
    stale.push(...left);
  }
  return stale;
}

async function round(reader: Cache, writer: Cache, { key, change }: { key: string; change: Change | undefined }) {
  let row = 'old';
  const [looked, late] = [gate(), gate()];
  const read = reader.readThrough(key, async () => {
    const seen = row;
    looked.open();
    await late.promise;
    return seen;
  });
  await looked.promise;
  const save = () => (row = 'new');
  const changed = change?.(writer, key, save);
  // Sometimes it comes back while the change is under way.
  if (Math.random() < 0.3) await Promise.resolve();
  else await changed;
  late.open();
  await Promise.all([read, changed]);
  await reader.parts.flights.find(key)?.filling;
}

describe.each(Object.keys(PLACES))('the refill race, on Redis %s', (place) => {
  let processes: TestProcesses;
  const service = `refill-${process.pid}-${place.toLowerCase()}`;

  beforeAll(async () => {
    processes = await TestProcesses.start(2, place, service);
  });
  afterAll(() => processes.stop());

  it(`leaves no stale value in ${ROUNDS} rounds`, async () => {
    expect(await staleKeys(processes.caches, 'fenced')).toEqual([]);
  });
});

describe('the control: the refill race without a fence', () => {
  it('leaves stale values', async () => {
    const processes = await TestProcesses.start(2, 'standalone', `refill-${process.pid}-naive`);
    processes.breakFences();
    const { caches } = processes;
    for (let at = 0; at < 20; at += 1) {
      await round(caches[0], caches[1] ?? caches[0], {
        key: `refill:naive-${at}`,
        change: CHANGES[at % CHANGES.length],
      });
    }
    await pause(100);
    const found = Array.from({ length: 20 }, async (_, at) => caches[1]?.get(`refill:naive-${at}`));
    expect((await Promise.all(found)).filter((value) => value === 'old').length).toBeGreaterThan(0);
    await processes.stop();
  });
});
