import { describe, expect, it } from 'vitest';
import { readPlace } from './read-place.js';
import { parseTemplate } from './template.js';

function read(hole: string, args: readonly unknown[], result?: unknown): unknown {
  const [first] = parseTemplate(`x:{${hole}}`).holes;
  return first && readPlace(first, args, result);
}

class User {
  readonly #id = 7;
  get id() {
    return this.#id;
  }
}

describe('readPlace', () => {
  it('reads arguments, results, paths and getters', () => {
    expect(read('1', ['a', 'b'])).toBe('b');
    expect(read('0.a.b', [{ a: { b: 0 } }])).toBe(0);
    expect(read('0.id', [new User()])).toBe(7);
    expect(read('0.length', ['abc'])).toBe(3);
    expect(read('result.id', [], { id: false })).toBe(false);
    expect(read('result', [], '')).toBe('');
  });

  it.each([[[]], [[undefined]], [[null]], [[{}]], [[{ a: null }]], [[{ a: { b: null } }]]])(
    'takes absence anywhere on the way of %j for absence, where the hole admits it',
    (args) => {
      expect(read('0.a.b?', args)).toBeUndefined();
      expect(() => read('0.a.b', args)).toThrow(
        /is (undefined|null): write \{0\.a\.b\?\} to give absence a key of its own/,
      );
    },
  );
});
