import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import { dueAt, earlyRules } from './early-rules.js';

const entry = { createdAt: 1_000, freshUntil: 11_000, computeMs: 200 };

describe('the time from which a value is loaded anew', () => {
  it('is a share of its life', () => {
    expect(dueAt({ threshold: 0.8 }, entry, Math.random)).toBe(9_000);
  });

  it('is drawn before its end, as the earliest of ten draws by the time that its load took, times beta', () => {
    const draws = 20_000;
    const mean = (beta: number): number => {
      let sum = 0;
      for (let at = 0; at < draws; at += 1) sum += entry.freshUntil - dueAt({ beta }, entry, () => at / draws);
      return sum / draws;
    };
    // The mean of the largest of ten such draws is 1 + 1/2 + … + 1/10 of the mean of one.
    const largest = Array.from({ length: 10 }, (_, at) => 1 / (at + 1)).reduce((sum, one) => sum + one);
    expect(mean(1) / 200).toBeCloseTo(largest, 2);
    expect(mean(2) / 400).toBeCloseTo(largest, 2);
  });

  it('is its end where the draw is the least, and never in the first half of its life', () => {
    expect(dueAt({ beta: 1 }, entry, () => 0)).toBe(11_000);
    expect(dueAt({ beta: 1 }, { ...entry, computeMs: 60_000 }, () => 0.999)).toBe(6_000);
  });

  it('never comes for a value without an end', () => {
    expect(dueAt({ threshold: 0.5 }, { ...entry, freshUntil: Infinity }, Math.random)).toBe(Infinity);
  });
});

describe('the option for it', () => {
  it.each([
    [true, { beta: 1 }],
    [{}, { beta: 1 }],
    [{ beta: 2 }, { beta: 2 }],
    [{ threshold: 0.8 }, { threshold: 0.8 }],
    [false, undefined],
    [undefined, { threshold: 0.1 }],
  ])('%j is %j', (earlyRefresh, rules) => {
    expect(earlyRules({ threshold: 0.1 }, { earlyRefresh }, 'x')).toEqual(rules);
  });

  it.each([
    [{ beta: 0 }, 'x.earlyRefresh.beta: 0 is not a number above 0'],
    [{ beta: Infinity }, 'x.earlyRefresh.beta: Infinity is not'],
    [{ threshold: 1 }, 'x.earlyRefresh.threshold: 1 is not a number above 0 and below 1'],
    [{ threshold: '80%' as never }, 'x.earlyRefresh.threshold: "80%"'],
    [{ beta: 1, threshold: 0.8 }, 'exclude each other'],
  ])('refuses %j', (earlyRefresh, message) => {
    const lay = () => earlyRules(undefined, { earlyRefresh }, 'x');
    expect(lay).toThrow(CacheConfigError);
    expect(lay).toThrow(message);
  });
});
