import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshot } from '../entry/snapshot.js';
import { ownCopy } from '../entry/views.js';
import { isSameValue } from './same-value.js';

const bytes = (...items: number[]) => new Uint8Array(items);

describe('values that say the same', () => {
  it.each<[string, unknown, unknown]>([
    ['numbers', 1, 1],
    ['no number', Number.NaN, Number.NaN],
    ['zeros', 0, -0],
    ['bigints', 2n ** 70n, 2n ** 70n],
    ['nothings', undefined, undefined],
    ['objects in any order', { a: 1, b: [2] }, { b: [2], a: 1 }],
    ['an undefined property', { a: undefined }, {}],
    ['its own __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
    ['dates', new Date(5), new Date(5)],
    ['dates of no time', new Date(Number.NaN), new Date(Number.NaN)],
    ['sets in any order', new Set([1, '2']), new Set(['2', 1])],
    [
      'maps in any order',
      new Map([
        ['a', { x: 1 }],
        ['b', { x: 2 }],
      ]),
      new Map([
        ['b', { x: 2 }],
        ['a', { x: 1 }],
      ]),
    ],
    ['maps keyed by objects', new Map([[{ id: 1 }, 2]]), new Map([[{ id: 1 }, 2]])],
    ['bytes', bytes(1, 2), bytes(1, 2)],
    ['buffers', Buffer.from('ab'), Buffer.from('ab')],
    ['memory', bytes(1, 2).buffer, bytes(1, 2).buffer],
  ])('%s', (_name, one, other) => {
    expect([isSameValue(one, other), isSameValue(other, one)]).toEqual([true, true]);
  });

  it.each<[string, unknown, unknown]>([
    ['numbers', 1, 2],
    ['a number and a text', 1, '1'],
    ['null and nothing', null, undefined],
    ['null and an object', null, {}],
    ['a property more', { a: 1 }, { a: 1, b: null }],
    ['what is inherited only', { toString: Reflect.get({}, 'toString') }, {}],
    ['the order of a list', [1, 2], [2, 1]],
    ['a list and its beginning', [1], [1, 2]],
    ['a list and an object', [], {}],
    ['what lies deep', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    ['dates', new Date(5), new Date(6)],
    ['a date and a number', new Date(5), 5],
    ['a date and an object', new Date(5), {}],
    ['sets', new Set([1]), new Set([2])],
    ['a set and a larger one', new Set([1]), new Set([1, 2])],
    ['a set and a map', new Set(), new Map()],
    ['the values of maps', new Map([['a', 1]]), new Map([['a', 2]])],
    ['the keys of maps', new Map([['a', 1]]), new Map([['b', 1]])],
    [
      'a map and a larger one',
      new Map([['a', 1]]),
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    ],
    ['objects in sets', new Set([{ id: 1 }]), new Set([{ id: 2 }])],
    ['bytes', bytes(1, 2), bytes(1, 3)],
    ['bytes and more of them', bytes(1), bytes(1, 2)],
    ['bytes of another kind', bytes(1), new Int8Array([1])],
  ])('unlike %s', (_name, one, other) => {
    expect([isSameValue(one, other), isSameValue(other, one)]).toEqual([false, false]);
  });

  it('are every kept value and its copy, and no value with something added', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(values, (value) => {
        const kept = keptOf(value);
        if (kept === undefined) return;
        expect(isSameValue(kept, ownCopy(kept))).toBe(true);
        expect(isSameValue({ kept }, { kept, more: 1 })).toBe(false);
        expect(isSameValue([kept], [kept, kept])).toBe(false);
      }),
    );
  });
});

/** As the cache keeps it; `undefined` where it cannot. */
function keptOf(value: unknown): unknown {
  try {
    return snapshot(value).value;
  } catch {
    return undefined;
  }
}
