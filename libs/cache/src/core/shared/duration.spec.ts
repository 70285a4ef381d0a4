import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../errors.js';
import { duration } from './duration.js';

const CENTURY = 36_525 * 86_400_000;

describe('a duration', () => {
  it.each([
    [0, 0],
    [250, 250],
    [1.5, 1.5],
    ['0ms', 0],
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['36525d', CENTURY],
    [CENTURY, CENTURY],
  ])('%j is %d ms', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  it.each([
    ['', '""'],
    ['5', '"5"'],
    ['5 s', '"5 s"'],
    ['5S', '"5S"'],
    ['-5s', '"-5s"'],
    ['+5s', '"+5s"'],
    ['.5s', '".5s"'],
    ['5.s', '"5.s"'],
    ['1e3ms', '"1e3ms"'],
    ['5s\n', String.raw`"5s\n"`],
    ['5w', '"5w"'],
    ['5sec', '"5sec"'],
    ['1h30m', '"1h30m"'],
    ['forever', '"forever"'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [CENTURY + 1, String(CENTURY + 1)],
    ['36526d', '"36526d"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5n, '5'],
    [['5s'], 'an array'],
    [{ ms: 5 }, 'an object'],
    [Object.create(null), 'an object'],
    [() => 5, 'a function'],
  ])('is never %s', (wrong, shown) => {
    const read = () => duration(wrong as string, 'ttl');
    expect(read).toThrow(CacheConfigError);
    expect(read).toThrow(
      `ttl: ${shown} is not a duration. Write milliseconds (250) or a number with a unit: '250ms', '5s', '10m', '1h', '7d'.`,
    );
  });
});
