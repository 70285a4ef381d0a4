import { afterEach, describe, expect, it, vi } from 'vitest';
import { branch, chooseSeed, type Random, seeded } from './seed.js';

const take = (random: Random, count = 8) => Array.from({ length: count }, random);

afterEach(() => vi.unstubAllEnvs());

describe('chance', () => {
  it('is the same again for the same seed, and another for another', () => {
    expect(take(seeded(7))).toEqual(take(seeded(7)));
    expect(take(seeded(7))).not.toEqual(take(seeded(8)));
  });

  it('is spread over 0 to 1', () => {
    const values = take(seeded(1), 10_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const buckets = Array.from({ length: 10 }, (_, at) => values.filter((v) => Math.floor(v * 10) === at).length);
    expect(Math.min(...buckets)).toBeGreaterThan(900);
  });

  it('has branches of its own for parts', () => {
    expect(take(branch(7, 1, 0))).toEqual(take(branch(7, 1, 0)));
    const all = [branch(7, 0, 1), branch(7, 1, 0), branch(7, 1, 1), branch(8, 1, 1), seeded(7)].map((r) => take(r)[0]);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a seed', () => {
  it('is printed, and taken from FAULT_SEED to see the same again', () => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    vi.stubEnv('FAULT_SEED', '');
    const seed = chooseSeed('x');
    expect(printed).toHaveBeenLastCalledWith(`x: FAULT_SEED=${seed}`);
    vi.stubEnv('FAULT_SEED', '42');
    expect(chooseSeed('x')).toBe(42);
    expect(printed).toHaveBeenLastCalledWith('x: FAULT_SEED=42');
    printed.mockRestore();
  });

  it.each(['abc', '-1', '1.5'])('is not %s', (given) => {
    vi.stubEnv('FAULT_SEED', given);
    expect(() => chooseSeed('x')).toThrow('FAULT_SEED');
  });
});
