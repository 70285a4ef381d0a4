import { describe, expect, it } from 'vitest';
import { fromUnsigned, isOlder, sourceVersion, toUnsigned } from './version.js';

const version = (assigned: number, source?: bigint) => ({ assigned, source });

describe('a version', () => {
  it('is older by the source where both have one, whatever was assigned', () => {
    expect(isOlder(version(9, 1n), version(1, 2n))).toBe(true);
    expect(isOlder(version(1, 2n), version(9, 1n))).toBe(false);
  });

  it('is older by what was assigned where one has no source', () => {
    expect(isOlder(version(1, 9n), version(2))).toBe(true);
    expect(isOlder(version(2), version(1, 9n))).toBe(false);
  });

  it('is not older than its equal', () => {
    expect(isOlder(version(1), version(1))).toBe(false);
    expect(isOlder(version(1, 5n), version(2, 5n))).toBe(false);
  });
});

describe('a source version', () => {
  it('is a whole number, a bigint of 64 bits or a Date', () => {
    expect(sourceVersion(7)).toBe(7n);
    expect(sourceVersion(-(2n ** 63n))).toBe(-(2n ** 63n));
    expect(sourceVersion(new Date(1_763_830_000_123))).toBe(1_763_830_000_123n);
  });

  it.each([1.5, NaN, Infinity, 2 ** 53, new Date(NaN), 2n ** 63n, -(2n ** 63n) - 1n])('is never %s', (value) => {
    expect(() => sourceVersion(value)).toThrow('cannot order two writes');
  });

  it('keeps its order as an unsigned number', () => {
    const rising = [-(2n ** 63n), -5n, -1n, 0n, 1n, 2n ** 32n, 2n ** 63n - 1n];
    const unsigned = rising.map(toUnsigned);
    expect(unsigned).toEqual(unsigned.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(unsigned[0]).toBe(0n);
    expect(unsigned.at(-1)).toBe(2n ** 64n - 1n);
    expect(unsigned.map(fromUnsigned)).toEqual(rising);
  });
});
