import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newMeter, type LimitAlgorithm } from './new-meter.js';
import { TOLERANCE } from './meter.js';

const PER = 6_000;

/** Requests as they come: how long after the one before, ms, and how many at once. */
type Trace = readonly (readonly [gap: number, count: number])[];

const steps = (gap: fc.Arbitrary<number>, count: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(gap, count), { minLength: 1, maxLength: 60 });

/** Even, thin and heavy traffic, bursts, and what an adversary sends: right before and after the edges of windows. */
const traces: fc.Arbitrary<Trace> = fc.oneof(
  steps(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 3 })),
  steps(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 })),
  steps(fc.constantFrom(0, PER / 2, PER, 2 * PER), fc.integer({ min: 1, max: 40 })),
  steps(fc.constantFrom(1, 99, 100, 101, PER - 101, PER - 1, PER, PER + 1), fc.integer({ min: 1, max: 40 })),
);

/** Admitted requests by time, and what an exact log of the same trace admits. */
function run(algorithm: LimitAlgorithm, limit: number, trace: Trace) {
  const meter = newMeter(algorithm);
  const quota = { limit, per: PER };
  const admitted: number[] = [];
  const log: number[] = [];
  let now = 1_000 * PER;
  let from = 0;
  for (const [gap, count] of trace) {
    now += gap;
    while ((log[from] ?? Infinity) <= now - PER) from++;
    for (let n = 0; n < count; n++) {
      if (log.length - from < limit) log.push(now);
      if (meter.read(quota, now) + 1 > limit + TOLERANCE) continue;
      meter.add(1);
      admitted.push(now);
    }
  }
  return { admitted, exact: log.length };
}

/** Most admissions in any span of one `per`: of times `t` and below `t + per`. */
function worst(admitted: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [at, time] of admitted.entries()) {
    while ((admitted[from] ?? Infinity) <= time - PER) from++;
    most = Math.max(most, at - from + 1);
  }
  return most;
}

const BOUNDS = { exact: 1, gcra: 2, sliding: 2, leased: 2 } as const;

describe.each(Object.entries(BOUNDS))('%s', (name, times) => {
  const algorithm = name as LimitAlgorithm;

  it(`admits at most ${times} × the limit in any span, whatever comes`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), traces, (limit, trace) => {
        expect(worst(run(algorithm, limit, trace).admitted)).toBeLessThanOrEqual(times * limit);
      }),
      { numRuns: 10_000 },
    );
  });

  it('admits who comes again when he was told to, and nobody much earlier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), traces, (limit, trace) => {
        const quota = { limit, per: PER };
        const meter = newMeter(algorithm);
        let now = 1_000 * PER;
        for (const [gap, count] of trace) {
          now += gap;
          for (let n = 0; n < count; n++) if (meter.read(quota, now) + 1 <= limit + TOLERANCE) meter.add(1);
        }
        const wait = meter.read(quota, now) + 1 > limit + TOLERANCE ? meter.waitFor(1, quota) : 0;
        const later = newMeter(algorithm, meter.numbers());
        expect(later.read(quota, now + wait + 0.01) + 1).toBeLessThanOrEqual(limit + TOLERANCE);
        if (wait > 1) {
          const early = newMeter(algorithm, meter.numbers());
          expect(early.read(quota, now + wait - 0.5) + 1).toBeGreaterThan(limit + TOLERANCE);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('counts nothing any more when it says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: PER }), (count, offset) => {
        const quota = { limit: 50, per: PER };
        const meter = newMeter(algorithm);
        const now = 1_000 * PER + offset;
        meter.read(quota, now);
        meter.add(count);
        const reset = meter.reset(quota);
        expect(reset).toBeGreaterThan(0);
        expect(newMeter(algorithm, meter.numbers()).read(quota, now + reset + 0.01)).toBeLessThan(TOLERANCE);
      }),
    );
  });

  it('takes back what it is given back, and never owes', () => {
    const quota = { limit: 10, per: PER };
    const meter = newMeter(algorithm);
    meter.read(quota, 1_000 * PER);
    meter.add(7);
    meter.add(-5);
    expect(meter.read(quota, 1_000 * PER)).toBe(2);
    meter.add(-5);
    expect(meter.read(quota, 1_000 * PER)).toBe(0);
  });

  it('goes on when the clock goes back, for a moment or for years', () => {
    const quota = { limit: 10, per: PER };
    const meter = newMeter(algorithm);
    meter.read(quota, 1_000 * PER);
    meter.add(10);
    expect(meter.read(quota, 1_000 * PER - 50)).toBe(10);
    expect(meter.read(quota, 500 * PER)).toBe(10);
    expect(meter.read(quota, 502.5 * PER)).toBe(0);
  });

  it('never has room for more than the limit at once', () => {
    const meter = newMeter(algorithm);
    meter.read({ limit: 3, per: PER }, 0);
    expect(meter.waitFor(4, { limit: 3, per: PER })).toBe(PER);
  });
});

/** Poisson traffic at so many times the limit, over 40 spans; a seeded generator (Park and Miller, 1988). */
function poisson(limit: number, load: number, seed: number): Trace {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const trace: [number, number][] = [];
  for (let at = 0; at < 40 * PER;) {
    const gap = (-Math.log(random()) * PER) / (limit * load);
    at += gap;
    trace.push([gap, 1]);
  }
  return trace;
}

describe('exact', () => {
  it('admits at most 2 % less than an exact log, under any load', () => {
    for (const load of [0.8, 1, 1.1, 2, 5]) {
      let admitted = 0;
      let exact = 0;
      for (let seed = 1; seed <= 5; seed++) {
        const found = run('exact', 100, poisson(100, load, seed));
        expect(worst(found.admitted)).toBeLessThanOrEqual(100);
        admitted += found.admitted.length;
        exact += found.exact;
      }
      expect(admitted / exact).toBeGreaterThanOrEqual(0.98);
    }
  });
});

describe('the bounds', () => {
  it('are not loose: an adversary reaches nearly twice the limit where it is said', () => {
    const flood: Trace = [[PER - 1, 100], ...Array.from({ length: 100 }, () => [PER / 101, 1] as const)];
    expect(worst(run('gcra', 100, flood).admitted)).toBeGreaterThan(190);
    expect(worst(run('sliding', 100, flood).admitted)).toBeGreaterThan(190);
    expect(worst(run('exact', 100, flood).admitted)).toBeLessThanOrEqual(100);
  });
});
