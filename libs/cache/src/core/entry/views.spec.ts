import { describe, expect, it } from 'vitest';
import { snapshot } from './snapshot.js';
import { ownCopy, revive, sharedView } from './views.js';

const value = () => ({
  at: new Date(1),
  plain: { deep: [{ a: 1 }] },
  rows: [{ when: new Date(2), tags: ['x'] }, { tags: ['y'] }],
  index: new Map<unknown, unknown>([[[new Date(3), { k: 1 }], { v: [new Set([{ s: 1 }, new Date(4)])] }]]),
  bytes: [Buffer.from('abc'), new Float64Array([1.5])],
  gap: undefined,
  nan: NaN,
});

type Value = ReturnType<typeof value>;

function as<T>(seen: unknown): T {
  return seen as T;
}

function keep<T>(given: T): T {
  return as<T>(snapshot(given).value);
}

/** Tries every change a reader could make, everywhere it can reach. */
function vandalize(target: unknown): void {
  if (typeof target !== 'object' || target === null) return;
  const tries = [
    () => (target instanceof Date ? target.setTime(99) : 0),
    () => (ArrayBuffer.isView(target) ? new Uint8Array(target.buffer).fill(9) : 0),
    () => Reflect.set(target, 'added', 1),
    () => Array.isArray(target) && target.push(1),
  ];
  const parts =
    target instanceof Map ? [...target].flat() : target instanceof Set ? [...target] : Object.values(target);
  if (!ArrayBuffer.isView(target)) parts.forEach(vandalize);
  if (target instanceof Map || target instanceof Set) target.clear();
  for (const key of Object.keys(target)) tries.push(() => Reflect.set(target, key, 'changed'));
  for (const attempt of tries) {
    try {
      attempt();
    } catch {
      // A frozen part throws: that is the point.
    }
  }
}

describe.each([
  ['a shared view', sharedView],
  ['an own copy', ownCopy],
])('%s', (_, view) => {
  it('equals the value', () => {
    expect(view(snapshot(value()).value)).toStrictEqual(value());
  });

  it('cannot change the cache, whatever its reader does', () => {
    const kept = snapshot(value()).value;
    vandalize(view(kept));
    expect(kept).toStrictEqual(value());
    expect(view(kept)).toStrictEqual(value());
  });

  it('keeps a property called __proto__ as data', () => {
    const kept = keep<object>(JSON.parse('{"__proto__":{"admin":true}}'));
    const hostile = Object.defineProperty({ d: new Date(1) }, '__proto__', { value: { d: new Date(2) }, enumerable: true }); // prettier-ignore
    for (const seen of [view(kept), view(keep(hostile))]) {
      expect(Object.getPrototypeOf(seen)).toBe(Object.prototype);
      expect(Object.keys(as<object>(seen))).toContain('__proto__');
    }
  });
});

describe('a shared view', () => {
  it('shares what is frozen through and through', () => {
    const kept = keep(value());
    const seen = as<Value>(sharedView(kept));
    expect(seen.plain).toBe(kept.plain);
    expect(seen.rows[1]).toBe(kept.rows[1]);
    expect(seen.rows[0]!.tags).toBe(kept.rows[0]!.tags);
    expect(seen.at).not.toBe(kept.at);
    expect(seen.bytes[0]).not.toBe(kept.bytes[0]);
  });

  it('is the value itself where it holds nothing else', () => {
    const kept = snapshot({ a: [NaN, -0, 'x', { b: undefined }] }).value;
    expect(sharedView(kept)).toBe(kept);
  });

  it('is frozen, so that a write always throws and not only sometimes', () => {
    const seen = as<Value>(sharedView(keep(value())));
    expect(() => (seen.at = new Date())).toThrow(TypeError);
    expect(() => seen.rows.push({ tags: [] })).toThrow(TypeError);
  });
});

describe('an own copy', () => {
  it('can be changed everywhere', () => {
    const own = as<Value>(ownCopy(keep(value())));
    own.plain.deep[0]!.a = 2;
    own.rows.push({ tags: ['z'] });
    own.at = new Date(5);
    expect(own.plain.deep).toEqual([{ a: 2 }]);
    expect(own.rows).toHaveLength(3);
  });
});

describe('revive', () => {
  class User {
    declare id: number;
    constructor() {
      throw new Error('The constructor is not run.');
    }
    get label() {
      return `user ${this.id}`;
    }
  }
  const kept = snapshot({ id: 1, nested: { a: 1 } }).value;

  it('gives the class back without running its constructor', () => {
    const user = as<User>(revive(kept, User, 'frozen'));
    expect(user).toBeInstanceOf(User);
    expect(user.label).toBe('user 1');
    expect(Object.keys(user)).toEqual(['id', 'nested']);
    expect(() => (user.id = 2)).toThrow(TypeError);
  });

  it('gives it to each item of an array and leaves the rest alone', () => {
    const list = snapshot([{ id: 1 }, null, 5, [{ id: 2 }]]).value;
    const users = as<unknown[]>(revive(list, User, 'frozen'));
    expect(users[0]).toBeInstanceOf(User);
    expect(users.slice(1)).toStrictEqual([null, 5, [{ id: 2 }]]);
    expect(() => users.push(1)).toThrow(TypeError);
  });

  it('leaves the kept value plain and unchanged, also when the reader gets a copy', () => {
    const own = as<User>(revive(ownCopy(kept), User, 'copy'));
    own.id = 2;
    expect(own.label).toBe('user 2');
    expect(kept).toStrictEqual({ id: 1, nested: { a: 1 } });
  });

  it('runs no setter of the class and sets no foreign prototype', () => {
    const odd = snapshot(JSON.parse('{"id":1,"label":"own","__proto__":{"x":1}}')).value;
    const user = as<User>(revive(odd, User, 'copy'));
    expect(user.label).toBe('own');
    expect(Object.getPrototypeOf(user)).toBe(User.prototype);
    user.id = 3;
    expect(user.id).toBe(3);
  });
});
