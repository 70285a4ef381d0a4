import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CacheSerializationError } from '../../core/errors.js';
import { encodeCanonical } from './canonical.js';
import { stableHash } from './stable-hash.js';

const two = new Uint8Array([1, 2]);
const primitives = [undefined, null, true, false, 0, -0, 1, -1, NaN, Infinity, -Infinity, 1.5, 1n, 0n];
const texts = ['', '1', 'true', 'null', 'n1:1', '1,2', 'é', 'e\u0301', '\ud800', '\udc00', '\ufffd', '\0', ' '];
const lists = [
  [],
  [[]],
  [undefined],
  [null],
  ['1'],
  [1],
  [1, 2],
  [2, 1],
  ['1,2'],
  ['1', '2'],
  ['a'],
  Array(1),
  Array(2),
];
const objects = [{}, { a: undefined }, { a: null }, { a: 1 }, { a: '1' }, { b: 1 }, { a: { b: 1 } }, { 'a.b': 1 }];
const dates = [new Date(0), new Date(1), new Date(NaN), '1970-01-01T00:00:00.000Z'];
const maps = [new Map(), new Map([['a', 1]]), new Map([[{ a: 1 }, 2]]), new Map([[1, 'a']]), new Map([['1', 'a']])];
const sets = [new Set(), new Set(['a']), new Set([1])];
const buffers = [two, Buffer.from(two), new Int8Array(two), new Uint16Array(two), two.buffer, new DataView(two.buffer)];
const floats = [new Float64Array([0]), new Float64Array([-0])];
const different: readonly unknown[] = [primitives, texts, lists, objects, dates, maps, sets, buffers, floats].flat();

describe('stableHash', { timeout: 60_000 }, () => {
  it('tells all of these apart', () => {
    expect(new Set(different.map((value) => stableHash(value))).size).toBe(different.length);
  });

  it('does not see the order of properties, Map entries and Set items', () => {
    expect(stableHash({ a: 1, b: { c: 2, d: 3 } })).toBe(stableHash({ b: { d: 3, c: 2 }, a: 1 }));
    expect(
      stableHash(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toBe(
      stableHash(
        new Map([
          ['b', 2],
          ['a', 1],
        ]),
      ),
    );
    expect(stableHash(new Set([1, 2]))).toBe(stableHash(new Set([2, 1])));
  });

  it('sees plain data of another realm and without a prototype as plain data', () => {
    const foreign: unknown = runInNewContext('({ a: [1, new Map([[1, new Date(5)]])] })');
    expect(stableHash(foreign)).toBe(stableHash({ a: [1, new Map([[1, new Date(5)]])] }));
    expect(stableHash(Object.assign(Object.create(null), { a: 1 }))).toBe(stableHash({ a: 1 }));
  });

  it('is the same in every process: keys outlive one', () => {
    expect(stableHash({ q: 'lake', page: 1 })).toBe('Ou4SFEGqRWftCOr_NomRGxD3ThlxnNoV');
  });

  it('gives 32 characters that need no escape', () => {
    expect(stableHash('x')).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it('takes one object met twice, but no cycle', () => {
    const shared = { a: 1 };
    expect(stableHash([shared, shared])).toBe(stableHash([{ a: 1 }, { a: 1 }]));
    const cyclic: { self?: unknown } = {};
    cyclic.self = [cyclic];
    expect(() => stableHash(cyclic)).toThrow(expect.objectContaining({ path: '$.self[0]' }));
  });

  class Hidden {
    readonly #secret = Math.PI;
    reveal() {
      return this.#secret;
    }
  }
  it.each<[string, unknown]>([
    ['$', () => 1],
    ['$.a', { a: Symbol('s') }],
    ['$.list[1]', { list: [1, new Hidden()] }],
    ['$', /x/],
    ['$', new Error('x')],
    ['$', Promise.resolve()],
    ['$', new (class extends Map {})()],
    ['$', new (class extends Array {})()],
    ['$', new URL('http://x')],
    ['$.value(0)', new Map([[1, () => 1]])],
    ['$.key(0)', new Map([[() => 1, 1]])],
    ['$.item(0)', new Set([new Hidden()])],
    ['$', { [Symbol('s')]: 1 }],
    ['$', Object.assign([1], { index: 0 })],
    ['$', Object.create({ inherited: 1 })],
  ])('refuses what has no stable form, with its path (%s)', (path, value) => {
    expect(() => stableHash(value)).toThrow(CacheSerializationError);
    expect(() => stableHash(value)).toThrow(expect.objectContaining({ path }));
  });

  it('refuses nesting that would exhaust the stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => stableHash(deep)).toThrow(/nesting deeper than 500/);
  });

  it('encodes injectively', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: false,
    });
    const seen = new Map<string, unknown>();
    fc.assert(
      fc.property(value, (one) => {
        const text = encodeCanonical(one);
        if (seen.has(text)) expect(normal(one)).toEqual(normal(seen.get(text)));
        seen.set(text, one);
      }),
      { numRuns: 20_000 },
    );
    expect(seen.size).toBeGreaterThan(5_000);
  });
});

/** Order of Map and Set does not count. */
function normal(value: unknown): unknown {
  return value instanceof Map || value instanceof Set
    ? new Set(Array.from<unknown, string>(value, encodeCanonical))
    : value;
}
