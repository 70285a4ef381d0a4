import { describe, expect, it } from 'vitest';
import { MessagePackCodec } from '../../drivers/codec/message-pack.js';
import { TaggedJsonCodec } from '../../drivers/codec/tagged-json.js';
import { adopt } from './adopt.js';
import { snapshot } from './snapshot.js';

const VALUES: readonly unknown[] = [
  null,
  true,
  7,
  7.5,
  '',
  'plain',
  'größer ☃',
  12n,
  -(2n ** 80n),
  [],
  [1, [2, ['three']], { four: [undefined, null] }],
  { a: { b: { c: 'd' } }, list: [{}, { e: 1 }] },
  Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`key ${at}`, at])),
  { at: new Date(0), map: new Map([[{ k: 1 }, ['v']]]), set: new Set([['s']]), bytes: Buffer.from('abc') },
];

/** Whether all that can be frozen is. */
function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (value instanceof Map) return [...value].flat(1).every(isFrozen);
  if (value instanceof Set) return [...value].every(isFrozen);
  if (value instanceof Date || ArrayBuffer.isView(value)) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

describe('what a codec made', () => {
  it.each([new MessagePackCodec(), new TaggedJsonCodec()])(
    'is taken like a copy of it, by $constructor.name',
    (codec) => {
      for (const value of VALUES) {
        const bytes = codec.encode(snapshot(value).value);
        if (bytes === undefined) continue;
        const adopted = adopt(codec.decode(bytes));
        expect(adopted).toEqual(snapshot(codec.decode(bytes)));
        expect(isFrozen(adopted.value)).toBe(true);
      }
    },
  );

  it.each([() => 1, Symbol('s'), new (class Own {})(), Object.create(null), { deep: [new Error('x')] }])(
    'is refused where none of ours makes it: %s',
    (value) => {
      expect(() => adopt(value)).toThrow(RangeError);
    },
  );

  it('is refused where it is too large', () => {
    expect(() => adopt(Array.from({ length: 40 }, () => 'x'.repeat(4_000_000)))).toThrow('Too large');
  });
});
