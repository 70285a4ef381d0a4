import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { CacheSerializationError } from '../errors.js';
import { BINARY_NAMES, binaryFrom } from './binary.js';
import { snapshot } from './snapshot.js';

class User {
  constructor(
    readonly id: number,
    readonly friend?: unknown,
  ) {}
}
class Admin extends User {}
class Index extends Map<string, number> {}

function refusal(value: unknown, as?: typeof User): CacheSerializationError {
  try {
    snapshot(value, { as });
  } catch (error) {
    if (error instanceof CacheSerializationError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

function nest(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}

function sizeOfRows(count: number): number {
  return snapshot(Array.from({ length: count }, (at) => ({ at }))).size;
}

function keep<T>(value: T): T {
  return snapshot(value).value as T;
}

describe('a snapshot keeps', () => {
  it.each([
    ['null', null],
    ['a boolean', false],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
    ['-0', -0],
    ['a lone surrogate', '\ud800'],
    ['a bigint past 64 bits', -(2n ** 200n)],
    ['an invalid Date', new Date(NaN)],
    ['undefined in an object', { a: undefined }],
    ['undefined in an array', [undefined, 1]],
    ['a Map of Maps', new Map([[{ k: 1 }, new Map([[NaN, new Set([[1]])]])]])],
    ['a DataView', new DataView(new ArrayBuffer(3), 1)],
  ])('%s', (_, value) => {
    const kept = keep([value]);
    expect(kept).toStrictEqual([value]);
    expect(Object.is(kept[0], value)).toBe(typeof value !== 'object' || value === null);
  });

  it.each(BINARY_NAMES.filter((name) => name in globalThis))('%s, in memory of its own', (name) => {
    const value = binaryFrom(name, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
    const kept = snapshot(value).value;
    expect(kept).toStrictEqual(value);
    expect(Object.getPrototypeOf(kept)).toBe(Object.getPrototypeOf(value));
    expect(kept).not.toBe(value);
  });

  it('no part of a pool that others can reach', () => {
    const kept = keep(Buffer.from('abc'));
    expect(kept.buffer.byteLength).toBe(3);
  });

  it('a property called __proto__ as data', () => {
    const kept = keep<object>(JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":2}'));
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect(Object.keys(kept)).toEqual(['__proto__', 'constructor', 'toString']);
    expect('admin' in kept).toBe(false);
  });

  it('an object without prototype as a plain one', () => {
    const kept = snapshot(Object.assign(Object.create(null), { a: 1 })).value;
    expect(kept).toStrictEqual({ a: 1 });
  });

  it('what a getter gives, and leaves out symbols and hidden properties', () => {
    const value = Object.defineProperty({ get a() { return 1; }, [Symbol('s')]: 2 }, 'hidden', { value: 3 }); // prettier-ignore
    expect(snapshot(value).value).toStrictEqual({ a: 1 });
  });

  it('values of another realm as values of this one', () => {
    const foreign: unknown = runInNewContext(
      '({ o: { a: 1 }, l: [1], d: new Date(5), m: new Map([[1, new Set([2])]]), b: new Uint8Array([7]) })',
    );
    const own = { o: { a: 1 }, l: [1], d: new Date(5), m: new Map([[1, new Set([2])]]), b: new Uint8Array([7]) };
    expect(snapshot(foreign).value).toStrictEqual(own);
  });

  it('a reference used twice, twice', () => {
    const shared = { a: 1 };
    const kept = keep({ x: shared, y: shared });
    expect(kept.x).not.toBe(kept.y);
    expect(kept).toStrictEqual({ x: { a: 1 }, y: { a: 1 } });
  });
});

describe('a snapshot', () => {
  it('does not change with the value it was taken of, and cannot be changed', () => {
    const value = { list: [{ a: 1 }], at: new Date(1), m: new Map([['k', { b: 1 }]]) };
    const kept = keep(value);
    value.list[0]!.a = 2;
    value.at.setTime(2);
    value.m.get('k')!.b = 2;
    expect(kept).toEqual({ list: [{ a: 1 }], at: new Date(1), m: new Map([['k', { b: 1 }]]) });
    expect(() => (kept.list[0]!.a = 3)).toThrow(TypeError);
    expect(() => kept.list.push({ a: 3 })).toThrow(TypeError);
    expect(() => (kept.m.get('k')!.b = 3)).toThrow(TypeError);
  });

  it.each([
    ['plain data', { a: [1, 'x', null, 5n] }, true],
    ['a Date', { a: [new Date()] }, false],
    ['a Map', new Map(), false],
    ['a Set', [new Set()], false],
    ['bytes', { a: new Uint8Array(1) }, false],
  ])('of %s is shareable or not', (_, value, shareable) => {
    expect(snapshot(value).shareable).toBe(shareable);
  });

  it('counts what it holds', () => {
    expect(snapshot('x'.repeat(10_000)).size).toBeCloseTo(10_000, -2);
    expect(snapshot('я'.repeat(10_000)).size).toBeCloseTo(20_000, -2);
    expect(snapshot(Buffer.alloc(10_000)).size).toBeCloseTo(10_000, -3);
    expect(snapshot(Array.from({ length: 1_000 }, () => 0.5)).size).toBeCloseTo(24_000, -2);
    expect(snapshot(2n ** 8_000n).size).toBeCloseTo(1_000, -2);
    expect(sizeOfRows(100) / sizeOfRows(10)).toBeGreaterThan(8);
  });
});

describe('a snapshot refuses', () => {
  it('a class instance, by name, path and remedy', () => {
    const error = refusal({ orders: [0, 1, { customer: new User(1) }] });
    expect(error.path).toBe('$.orders[2].customer');
    expect(error.message).toBe(
      '$.orders[2].customer is an instance of User, which is not cached: no layer could give it back with its class. ' +
        'Return plain data there: `as: User` admits only its exact instances, as the value itself or as items of its array.',
    );
    expect(refusal(new User(1)).message).toContain('Add `as: User` to the options');
    expect(refusal([new User(1)]).message).toContain('Add `as: User` to the options');
  });

  it.each([
    ['undefined', undefined, 'Return null'],
    ['a function', { a: () => 1 }, '$.a is a function'],
    ['a symbol', [Symbol('s')], '$[0] is a symbol'],
    ['a promise', Promise.resolve(1), '`await`'],
    ['a WeakMap', new WeakMap(), 'WeakMap'],
    ['a RegExp', /x/, 'source'],
    ['an Error', { e: new TypeError('x') }, '$.e is an instance of TypeError'],
    ['a URL', new URL('http://x'), 'href'],
    ['a boxed string', new String('x'), 'primitive'],
    ['shared memory', new SharedArrayBuffer(1), 'SharedArrayBuffer'],
    ['a Date of its own class', new (class Day extends Date {})(), 'Day'],
    ['an array of its own class', new (class List extends Array {})(), 'List'],
    ['a Map of its own class', new Index(), 'Index'],
    ['a hole', [1, , 3], '$[1] is a hole'], // oxlint-disable-line no-sparse-arrays
    ['a vast sparse array', Object.assign([], { length: 4_000_000_000 }), 'larger than'],
    ['what only looks like a Date', { d: Object.create(Date.prototype) }, '$.d could not be read'],
    ['what only looks like a Map', { d: Object.create(Map.prototype) }, '$.d could not be read'],
    ['what only looks like bytes', { d: Object.create(Uint8Array.prototype) }, '$.d could not be read'],
    ['what only looks like an array', { d: Object.create(Array.prototype) }, '$.d could not be read'],
    ['a key of a Map', { m: new Map([[new User(1), 1]]) }, '$.m.keys()[0] is an instance of User'],
    ['a value of a Map', { m: new Map([['k', new User(1)]]) }, '$.m.get("k") is an instance of User'],
    ['an item of a Set', { 'a b': new Set([0, new User(1)]) }, '$["a b"].values()[1] is an instance of User'],
  ])('%s', (_, value, words) => {
    expect(refusal(value).message).toContain(words);
  });

  it('a cycle, and says where it leads back to', () => {
    const node: Record<string, unknown> = { name: 'x' };
    node['parent'] = { children: [node] };
    const error = refusal({ node });
    expect(error.path).toBe('$.node.parent.children[0]');
    expect(error.message).toContain('refers back to $.node:');
    const map = new Map<string, unknown>();
    expect(refusal(map.set('me', map)).message).toContain('refers back to $:');
  });

  it('nesting past 200 levels, and takes 200', () => {
    expect(() => snapshot(nest(200))).not.toThrow();
    expect(refusal(nest(201)).message).toContain('200 levels');
    expect(refusal(nest(100_000)).message.length).toBeLessThan(300);
  });

  it('a small graph that is a huge tree', () => {
    let value: unknown = [0];
    for (let at = 0; at < 60; at++) value = [value, value];
    expect(refusal(value).message).toContain('larger than 128 MiB');
  });

  it('a value whose getter throws, keeping the cause', () => {
    const cause = new Error('no such column');
    const value = { row: { get a() { throw cause; } } }; // prettier-ignore
    const error = refusal(value);
    expect(error.message).toBe('$.row.a could not be read: no such column');
    expect(error.cause).toBe(cause);
  });
});

describe('`as`', () => {
  it('admits instances as the value or as items of its array, and plain objects beside them', () => {
    expect(snapshot(new User(1), { as: User }).value).toStrictEqual({ id: 1, friend: undefined });
    expect(snapshot([new User(1), { id: 2 }, null], { as: User }).value).toStrictEqual([
      { id: 1, friend: undefined },
      { id: 2 },
      null,
    ]);
  });

  it('admits no other class, no subclass and nothing nested', () => {
    expect(refusal(new Index(), User).path).toBe('$');
    expect(refusal(new Admin(1), User).message).toContain('`as: User` admits only its exact instances');
    expect(refusal(new User(1, new User(2)), User).path).toBe('$.friend');
    expect(refusal([[new User(1)]], User).path).toBe('$[0][0]');
    expect(refusal(new Map([[1, new User(1)]]), User).path).toBe('$.get(1)');
  });

  it('admits no class whose instances are more than their properties', () => {
    expect(() => snapshot(new Index([['a', 1]]), { as: Index })).toThrow('extends a built-in one');
    class Failure extends Error {}
    expect(() => snapshot(new Failure('x'), { as: Failure })).toThrow('extends a built-in one');
  });
});
