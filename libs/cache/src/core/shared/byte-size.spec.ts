import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import { bytes } from './byte-size.js';

describe('a size', () => {
  it.each([
    [0, 0],
    [65_536, 65_536],
    [1.9, 1],
    ['0b', 0],
    ['7b', 7],
    ['64kb', 65_536],
    ['1.5kb', 1_536],
    ['0.0001kb', 0],
    ['256mb', 268_435_456],
    ['2gb', 2_147_483_648],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])('%j is %d bytes', (text, size) => {
    expect(bytes(text)).toBe(size);
  });

  it.each([
    ['', '""'],
    ['64', '"64"'],
    ['64 kb', '"64 kb"'],
    ['64KB', '"64KB"'],
    ['64k', '"64k"'],
    ['64kib', '"64kib"'],
    ['-1kb', '"-1kb"'],
    ['1tb', '"1tb"'],
    ['64kb\n', String.raw`"64kb\n"`],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.MAX_SAFE_INTEGER + 1, String(Number.MAX_SAFE_INTEGER + 1)],
    ['9999999gb', '"9999999gb"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [64n, '64'],
    [[64], 'an array'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
  ])('is never %s', (wrong, shown) => {
    const read = () => bytes(wrong as string, 'local.budget');
    expect(read).toThrow(CacheConfigError);
    expect(read).toThrow(
      `local.budget: ${shown} is not a size. Write bytes (65536) or a number with a unit: '64kb', '256mb', '2gb'.`,
    );
  });
});
