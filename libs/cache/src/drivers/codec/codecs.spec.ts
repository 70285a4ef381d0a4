import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINARY_NAMES, binaryFrom, binaryName, bytesOf } from '../../core/entry/binary.js';
import { Codecs, type Codec } from '../../core/entry/codec.js';
import { valueEntry } from '../../core/entry/entry.js';
import { openEntry, sealEntry } from '../../core/entry/envelope.js';
import { MUTABLE } from '../../core/entry/layout.js';
import { snapshot } from '../../core/entry/snapshot.js';
import { ownCopy, sharedView } from '../../core/entry/views.js';
import { CacheSerializationError } from '../../core/errors.js';
import { MessagePackCodec } from './message-pack.js';
import { TaggedJsonCodec } from './tagged-json.js';

const messagePack = new MessagePackCodec();
const taggedJson = new TaggedJsonCodec();
const codecs = new Codecs([messagePack, taggedJson]);

/** All that can be told of a value, as text: an oracle that shares nothing with the code under test. */
function render(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return `[${value.map(render).join()}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Map) return `Map(${[...value].map((pair) => pair.map(render).join('=>')).join()})`;
  if (value instanceof Set) return `Set(${[...value].map(render).join()})`;
  const binary = binaryName(value);
  if (binary !== undefined) return `${binary}(${Buffer.from(bytesOf(value)).toString('hex')})`;
  if (Object.getPrototypeOf(value) !== Object.prototype) return 'FOREIGN';
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${render(item)}`).join()}}`; // prettier-ignore
}

const unit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'ß', '水', '😀', '"', '\\') },
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
);
const text = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit, maxLength: 20 }) },
  fc.string({ unit, minLength: 60, maxLength: 300 }),
  fc.string({ unit, maxLength: 200 }).map((tail) => `\ufeff${tail}`),
);
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', '$', '0', '17', ''));
const binary = fc
  .tuple(fc.constantFrom(...BINARY_NAMES.filter((name) => name in globalThis)), fc.uint8Array({ maxLength: 5 }))
  .map(([name, bytes]) => binaryFrom(name, Uint8Array.from([...bytes].flatMap((byte) => [byte, 0, 1, 255, 128, 127, byte, 240])))); // prettier-ignore
const leaf = fc.oneof(
  fc.constantFrom(null, undefined, true, false, NaN, Infinity, -Infinity, 0, 2 ** 53, -(2 ** 60), 2 ** 31, -129),
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  { weight: 1, arbitrary: fc.constant(-0) },
  { weight: 4, arbitrary: text },
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  fc.date({ noInvalidDate: false }),
  binary,
);

function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
  }
  return object;
}

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    { weight: 3, arbitrary: leaf },
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map(objectOf),
    fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(tie('tree'), { maxLength: 4 }).map((items) => new Set(items)),
  ),
}));
const value = tree.map((given) => given ?? null);

function decoded(codec: Codec, given: unknown): unknown {
  const bytes = codec.encode(given);
  return bytes === undefined ? given : codec.decode(bytes);
}

describe.each([
  ['MessagePack', messagePack],
  ['tagged JSON', taggedJson],
])('%s', (_, codec) => {
  it('gives back what a snapshot holds, and a snapshot of that is the same again', () => {
    fc.assert(
      fc.property(value, (given) => {
        const kept = snapshot(given).value;
        const read = decoded(codec, kept);
        expect(render(read)).toBe(render(given));
        expect(render(snapshot(read).value)).toBe(render(kept));
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers hostile bytes with a value or with CacheSerializationError, nothing else', () => {
    const start = fc.constantFrom(0x7b, 0x5b, 0x22, 0x24, 0xc7, 0xd4, 0xdd, 0xdf, 0x91, 0x81);
    const hostile = fc.tuple(start, fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(hostile, ([lead, tail]) => {
        try {
          snapshot([codec.decode(Uint8Array.from([lead, ...tail]))]);
        } catch (error) {
          expect(error).toBeInstanceOf(CacheSerializationError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps no reference to the bytes it read', () => {
    const bytes = codec.encode(snapshot([Buffer.from('abc'), new Uint16Array([1])]).value) ?? new Uint8Array();
    const read = codec.decode(bytes);
    bytes.fill(0);
    expect(render(read)).toBe('[Buffer(616263),Uint16Array(0100)]');
  });

  it('reads 200 levels, as many as a snapshot keeps, and no more', () => {
    for (const wrap of [(x: unknown) => [x], (x: unknown) => ({ $: x }), (x: unknown) => new Map([[x, x]])]) {
      const levels = wrap([]) instanceof Map ? 12 : 199;
      let deep: unknown = [];
      for (let at = 0; at < levels; at++) deep = wrap(deep);
      expect(render(decoded(codec, snapshot(deep).value))).toBe(render(deep));
    }
    let map: unknown = 'x';
    for (let at = 0; at < 200; at++) map = new Map([['k', map]]);
    expect(render(decoded(codec, snapshot(map).value))).toBe(render(map));
  });
});

describe('the bytes of a value', () => {
  const given = [
    undefined,
    new Date(1),
    new Map([[1, 2]]),
    new Set([3]),
    -258n,
    Buffer.from('a'),
    new Uint16Array([1]),
  ];

  it('are laid out for good in MessagePack', () => {
    const bytes = messagePack.encode(snapshot(given).value) ?? [];
    expect(
      Buffer.from(bytes)
        .toString('hex')
        .replaceAll(/(?=d[4-8]|c7)/g, ' ')
        .split(' '),
    ).toEqual([
      '97',
      'd40000',
      'd7013ff0000000000000',
      'c70302920102',
      'd5039103',
      'c70304010102',
      'd41061',
      'd5170100',
    ]);
  });

  it('are laid out for good in tagged JSON', () => {
    expect(Buffer.from(taggedJson.encode(snapshot(given).value)).toString()).toBe(
      '[{"$":["undefined"]},{"$":["date",1]},{"$":["map",[1,2]]},{"$":["set",[3]]},{"$":["bigint","-102"]},' +
        '{"$":["binary","Buffer","YQ=="]},{"$":["binary","Uint16Array","AQA="]}]',
    );
  });

  it('in tagged JSON may be text that looks like JSON', () => {
    const kept = snapshot([`\\"${'['.repeat(1_000)}`, '{"$":["undefined"]}', { $: ['undefined'] }]).value;
    expect(render(taggedJson.decode(taggedJson.encode(kept)))).toBe(render(kept));
  });
});

describe('MessagePack declines what it would change', () => {
  it.each([
    ['-0', [-0]],
    ['a lone surrogate', { a: `${'x'.repeat(60)}\ud800` }],
    ['a lone surrogate in a key', { '\udfff': 1 }],
    ['a leading byte order mark', ['\ufeffx']],
    ['a property called __proto__', JSON.parse('[{"__proto__":1}]')],
    ['any of these inside a Map', new Map([[new Set([-0.0, '\ud800']), 1]])],
  ])('%s', (_, given) => {
    const kept = snapshot(given).value;
    expect(messagePack.encode(kept)).toBeUndefined();
    const written = codecs.encode(kept);
    expect(written.codec).toBe(taggedJson.id);
    expect(render(taggedJson.decode(written.bytes))).toBe(render(given));
  });

  it('and carries everything else', () => {
    const given = [undefined, NaN, 2 ** 53, 1n, new Date(NaN), new Map(), new Set(), Buffer.alloc(1), '😀', { $: 1 }];
    expect(codecs.encode(snapshot(given).value).codec).toBe(messagePack.id);
  });
});

describe('an entry as bytes', () => {
  const header = {
    version: { source: -5n, assigned: 1_763_830_000_000_001 },
    createdAt: 1_763_830_000_000,
    freshUntil: 1_763_830_300_000,
    staleUntil: Infinity,
    computeMs: 12,
    tagGeneration: 7,
  };
  const context = { key: 'app:lake:user:1', codecs };
  const sealed = (given: unknown) => sealEntry(valueEntry(snapshot(given), header, ['users', 'café']), context);

  it('is read as it was written', () => {
    fc.assert(
      fc.property(value, (given) => {
        const opened = openEntry(sealed(given), context);
        if (!opened.ok || opened.entry?.kind !== 'value') throw new Error('It was not read.');
        expect(render(opened.entry.value)).toBe(render(given));
        expect(opened.entry).toMatchObject({ ...header, tags: ['users', 'café'] });
      }),
    );
  });

  it('never opens to another value when a bit was flipped, and never throws', () => {
    const damage = fc.record({ given: value, at: fc.double({ min: 0, max: 0.999, noNaN: true }), bit: fc.nat(7) });
    fc.assert(
      fc.property(damage, ({ given, at, bit }) => {
        const bytes = sealed(given);
        const place = Math.floor(at * bytes.byteLength);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        const opened = openEntry(bytes, context);
        if (place >= MUTABLE.end) expect(opened.ok).toBe(false);
        if (opened.ok && opened.entry?.kind === 'value') expect(render(opened.entry.value)).toBe(render(given));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never opens when cut short, and never throws on anything', () => {
    const whole = sealed({ a: [1, 'x'], at: new Date(5) });
    for (let length = 0; length < whole.byteLength; length++) {
      expect(openEntry(whole.subarray(0, length), context).ok).toBe(false);
    }
    const head = whole.subarray(0, MUTABLE.end + 28);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, ours) => {
        const bytes = ours ? Uint8Array.from([...head, ...tail]) : tail;
        expect(openEntry(bytes, context).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a reader', () => {
  it.each([
    ['a shared view', sharedView],
    ['an own copy', ownCopy],
  ])('gets of %s what was kept', (_, view) => {
    fc.assert(
      fc.property(value, (given) => {
        const kept = snapshot(given).value;
        expect(render(view(kept))).toBe(render(given));
      }),
    );
  });
});
