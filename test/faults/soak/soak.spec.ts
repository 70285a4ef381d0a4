import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxiedServer, type ProxiedServer } from '../kit/proxied.js';
import { chooseSeed } from '../kit/seed.js';
import { growth, type Sample } from './heap.js';
import { picture } from './picture.js';
import { soak, type Bath, type Soak } from './soak.js';

/** Six seconds in a usual run; `SOAK_SECONDS=600` is the long one, and draws the heap in docs/images/soak.svg. */
const SECONDS = Number(process.env.SOAK_SECONDS ?? 6);
const LIMIT_MS = (SECONDS + 60) * 1_000;
const IMAGES = join(__dirname, '../../../docs/images');

/** What the heap may grow by once it is warm, bytes: what a collection leaves differs from one to the next. */
const NOISE = 6 * 2 ** 20;

/** After the first minute, or the first third of a short run. */
function warm({ samples }: Bath): readonly Sample[] {
  return samples.filter(({ seconds }) => seconds > Math.min(60, SECONDS / 3));
}

/** The most that a collection may hold, by the end of its path; the first that fits counts. */
const BOUNDS: readonly (readonly [RegExp, number])[] = [
  [/notices\.|remembered\.|outbox\./, 16_384],
  [/\.#news\.|\.tags\.#over$/, 1_024],
  [/\.#pool\./, 4_096],
  // A slot for each of the 1,000 keys, in tables that double.
  [/\.#table\.|#owed$|#due$/, 2_048],
  // All others: one item for each call under way, or fewer.
  [/./, 256],
];

function beyond(sizes: Bath['sizes']): string[] {
  return Object.entries(sizes)
    .filter(([path, size]) => size > (BOUNDS.find(([pattern]) => pattern.test(path))?.[1] ?? 0))
    .map(([path, size]) => `${path}: ${size}`);
}

describe('a soak', () => {
  let one: ProxiedServer;
  let seen: Soak;

  beforeAll(async () => {
    const seed = chooseSeed('soak');
    one = await proxiedServer({ seed });
    seen = await soak(one, SECONDS, seed);
    const { healthy, sick, marks } = seen;
    for (const { name, report, samples } of [...healthy, sick]) {
      const mb = samples.map(({ bytes }) => Math.round(bytes / 2 ** 20));
      console.log(
        `${name}: ${report.calls} calls, ${report.refused} refused, ${report.late.length} late, MB: ${mb.join(' ')}`,
      );
    }
    console.log(`faults: ${marks.map(({ name }) => name).join(', ')}`);
    if (process.env.SOAK_SECONDS === undefined) return;
    mkdirSync(IMAGES, { recursive: true });
    writeFileSync(join(IMAGES, 'soak.svg'), picture(healthy, marks));
  }, LIMIT_MS);

  afterAll(() => one.stop());

  it('hangs no call beyond its limit, gives no wrong value and leaves no rejection unhandled', () => {
    for (const { report } of seen.healthy) {
      const { calls, refused, ...lists } = report;
      expect(lists).toEqual({ wrong: [], late: [], strange: [], unhandled: [] });
      expect(calls).toBeGreaterThan(SECONDS * 50);
      expect(refused).toBeLessThan(calls / 2);
    }
    expect(seen.marks.length).toBeGreaterThanOrEqual(Math.min(3, SECONDS / 3));
  });

  it('would be seen to hang where a call takes longer (control)', () => {
    expect(seen.sick.report.late.join()).toContain('too long');
  });

  it('leaves the heap flat', () => {
    for (const bath of seen.healthy) expect(growth(warm(bath))).toBeLessThan(NOISE);
  });

  it('would be seen to grow where a process keeps what it should let go (control)', () => {
    expect(growth(warm(seen.sick))).toBeGreaterThan(NOISE);
  });

  it('keeps every collection within its bound', () => {
    for (const { sizes } of seen.healthy) {
      expect(Object.keys(sizes).filter((path) => path.includes('#')).length).toBeGreaterThan(10);
      expect(beyond(sizes)).toEqual([]);
    }
  });

  it('would see one beyond (control)', () => {
    expect(beyond({ 'cache.parts.flights.#places': 257, 'cache.parts.recovery.#owed': 257 })).toEqual([
      'cache.parts.flights.#places: 257',
    ]);
  });
});
