import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheKeyError } from '../../core/errors.js';
import { argumentsKey } from './arguments-key.js';

const key = (...args: unknown[]) => argumentsKey(args, 'Towns.find');

const primitive = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom<unknown>('1', '1n', 'true', 'null', 'undefined', '', ',', '",', '"', '\\', '-0', 'NaN', '\ud800'),
  fc.constantFrom<unknown>(0, -0, 1, Number.NaN, Infinity, -Infinity, 0n, 1n, -1n, true, false, null, undefined),
  fc.double(),
  fc.bigInt(),
);

/** The same call: the same values of the same types, whatever `undefined` is written at the end. */
function same(one: readonly unknown[], other: readonly unknown[]): boolean {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, at) => Object.is(one[at], other[at])).every(Boolean);
}

describe('the identity of a call', () => {
  it('is that of no other', () => {
    const calls = fc.array(primitive, { maxLength: 4 });
    fc.assert(
      fc.property(calls, calls, (one, other) => {
        expect(key(...one) === key(...other)).toBe(same(one, other));
      }),
      { numRuns: 20_000 },
    );
  });

  it('tells types apart', () => {
    const values = [1, '1', 1n, '1n', true, 'true', null, 'null', undefined, 'undefined', '', 0, -0, '-0'];
    expect(new Set(values.map((value) => key(value, 'end'))).size).toBe(values.length);
  });

  it('does not move with where one argument ends', () => {
    expect(key('a', 'b')).not.toBe(key('a,b'));
    expect(key('a","b')).not.toBe(key('a', 'b'));
    expect(key(1, 2)).not.toBe(key(12));
  });

  it('is the same with undefined at its end, not in its middle', () => {
    expect(key('a', undefined, undefined)).toBe(key('a'));
    expect(key(undefined)).toBe(key());
    expect(key(undefined, 'a')).not.toBe(key('a'));
    expect(key('a', null)).not.toBe(key('a'));
  });

  it.each<[string, unknown]>([
    ['an object', {}],
    ['an array', []],
    ['a Date', new Date(0)],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
  ])('cannot be told of %s: the error names method, parameter and remedy', (_, value) => {
    let error: unknown;
    try {
      key('a', value);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(CacheKeyError);
    expect(error).toMatchObject({
      code: 'KEY_VALUE',
      message: expect.stringMatching(/^Towns\.find: parameter 1 is .* Name the key: \{ key: 'user:\{1\.id\}' \}\.$/),
    });
  });
});
