import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { associatedData, checksum } from './associated-data.js';
import { Codecs } from './codec.js';
import { crc32c } from './crc32c.js';
import { tombstone, valueEntry } from './entry.js';
import { openEntry, sealEntry, sealHeader } from './envelope.js';
import { COMPRESSED, ENCRYPTED, MUTABLE, SEALED } from './layout.js';
import { NO_MARKS } from './mutable-header.js';
import { snapshot } from './snapshot.js';

const json = {
  id: 9,
  encode: (value: unknown) => Uint8Array.from(Buffer.from(JSON.stringify(value))),
  decode: (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString()),
};
const codecs = new Codecs([json]);
const context = { key: 'app:lake:user:1', codecs };
const header = {
  version: { source: -2n, assigned: 0x1_0203_0405_0607 },
  createdAt: 0x1_0000_0001,
  freshUntil: 0x1_0000_0002,
  staleUntil: Infinity,
  computeMs: 12.7,
  tagGeneration: 9,
};
const marks = {
  leaseOwner: new Uint8Array(16).fill(0xa1),
  leaseUntil: 5,
  waiters: true,
  openIntents: 3,
  intentsUntil: 6,
  intentOwner: new Uint8Array(8).fill(0xb2),
  overlapped: true,
};
const entry = valueEntry(snapshot({ a: 1 }), header, ['t1', 'é']);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The bytes with one changed. */
function altered(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = byte;
  return copy;
}

describe('the string of an entry', () => {
  const bytes = sealEntry(entry, { ...context, marks, templateHash: 0xfedcba98_76543210n });

  it('is laid out for good', () => {
    expect(hex(bytes.subarray(0, MUTABLE.end)).match(/.{16}/g)).toEqual([
      'dc01010101010003',
      '0001020304050607',
      '7ffffffffffffffe',
      '0000000100000001',
      '0000000100000002',
      'ffffffffffffffff',
      '0000000c00000000',
      '0000000000000009',
      'a1a1a1a1a1a1a1a1',
      'a1a1a1a1a1a1a1a1',
      '0000000000000005',
      '0000000000000006',
      'b2b2b2b2b2b2b2b2',
    ]);
    const sealed = bytes.subarray(MUTABLE.end, MUTABLE.end + SEALED.checksum);
    expect(hex(sealed)).toBe('44700109000000000000000000000011fedcba9876543210');
    expect(hex(bytes.subarray(MUTABLE.end + SEALED.endChecked))).toBe('0002000274310002c3a97b2261223a317d');
  });

  it('is what docs/entry-format.md says', () => {
    const docs = readFileSync(join(__dirname, '../../../../../docs/entry-format.md'), 'utf8');
    const [, mutable = '', sealed = ''] = docs.split('\n## ');
    for (const [section, layout] of [
      [mutable, MUTABLE],
      [sealed, SEALED],
    ] as const) {
      const rows = [...section.matchAll(/^\| `(\w+)` +\| +(\d+) \|/gm)].map(([, name, at]) => [name, Number(at)]);
      expect(rows).toEqual(Object.entries(layout).filter(([name]) => !name.startsWith('end')));
    }
    expect(docs).toContain(`Mutable header (${MUTABLE.end} bytes)`);
    expect(docs).toContain(`Sealed header (${SEALED.endChecked} bytes, or ${SEALED.endEncrypted} when encrypted)`);
  });

  it('opens to the entry and the marks', () => {
    const opened = openEntry(bytes, context);
    expect(opened).toMatchObject({ ok: true, entry: { ...entry, ...header, computeMs: 12 }, header: { marks } });
  });

  it('opens from the middle of a larger buffer, as a client hands it out', () => {
    const pool = Buffer.concat([Buffer.alloc(5), bytes, Buffer.alloc(5)]);
    expect(openEntry(pool.subarray(5, 5 + bytes.byteLength), context).ok).toBe(true);
  });

  it('may have its mutable header changed, and nothing else', () => {
    const later = openEntry(altered(bytes, MUTABLE.freshUntil + 7, 9), context);
    expect(later).toMatchObject({ ok: true, entry: { value: { a: 1 }, freshUntil: 0x1_0000_0009 } });
    expect(openEntry(altered(bytes, MUTABLE.end + SEALED.templateHash, 1), context)).toEqual({
      ok: false,
      reason: 'checksum',
    });
    expect(openEntry(altered(bytes, bytes.byteLength - 1, 0x20), context)).toEqual({ ok: false, reason: 'checksum' });
  });

  it('does not open under another key', () => {
    expect(openEntry(bytes, { ...context, key: 'app:lake:user:2' })).toEqual({ ok: false, reason: 'checksum' });
  });

  it.each([
    ['a later format', MUTABLE.format, 2, 'format'],
    ['foreign bytes', MUTABLE.magic, 0x7b, 'format'],
    ['an unknown state', MUTABLE.state, 3, 'format'],
    ['an unknown flag', MUTABLE.flags, 3, 'format'],
    ['an endless version', MUTABLE.assigned, 255, 'format'],
    ['a later sealed format', MUTABLE.end + SEALED.format, 2, 'format'],
    ['an unknown sealed flag', MUTABLE.end + SEALED.flags, 4, 'format'],
    ['a compressed payload', MUTABLE.end + SEALED.flags, COMPRESSED, 'sealed'],
    ['a payload of another length', MUTABLE.end + SEALED.rawLength + 3, 16, 'truncated'],
  ])('is a miss with a reason: %s', (_, at, byte, reason) => {
    expect(openEntry(altered(bytes, at, byte), context)).toEqual({ ok: false, reason });
  });

  it('is a miss when encrypted, or of a codec that is not at hand', () => {
    const long = sealEntry(valueEntry(snapshot('x'.repeat(99)), header), context);
    expect(openEntry(altered(long, MUTABLE.end + SEALED.flags, ENCRYPTED), context)).toMatchObject({
      reason: 'sealed',
    });
    expect(openEntry(bytes, { ...context, codecs: new Codecs([]) })).toEqual({ ok: false, reason: 'codec' });
  });

  it('is a miss when the codec refuses or gives what cannot be kept', () => {
    const cause = new Error('no');
    const failing = new Codecs([{ ...json, decode: () => { throw cause; } }]); // prettier-ignore
    expect(openEntry(bytes, { ...context, codecs: failing })).toEqual({ ok: false, reason: 'payload', cause });
    const odd = new Codecs([{ ...json, decode: () => () => 1 }]);
    expect(openEntry(bytes, { ...context, codecs: odd })).toMatchObject({ ok: false, reason: 'payload' });
  });

  it('cannot be written when no codec carries the value', () => {
    expect(() => sealEntry(entry, { ...context, codecs: new Codecs([]) })).toThrow('No codec can carry');
  });
});

describe('a header alone', () => {
  it('is a tombstone with both versions', () => {
    const removed = tombstone(header.version, 1_000, 60_000);
    const bytes = sealEntry(removed, context);
    expect(bytes.byteLength).toBe(MUTABLE.end);
    expect(openEntry(bytes, context)).toMatchObject({ ok: true, entry: removed });
  });

  it('is a placeholder that has marks and no entry', () => {
    const bytes = sealHeader(
      { ...header, version: { source: undefined, assigned: 0 } },
      { state: 'placeholder', marks },
    );
    const opened = openEntry(bytes, context);
    expect(opened).toMatchObject({ ok: true, entry: undefined, header: { marks, version: { source: undefined } } });
  });

  it('has nothing behind it', () => {
    const bytes = sealHeader(header, { state: 'tombstone', marks: NO_MARKS });
    expect(openEntry(Uint8Array.from([...bytes, 0]), context)).toEqual({ ok: false, reason: 'format' });
  });
});

describe('associated data', () => {
  const sealed = new Uint8Array(SEALED.endEncrypted).fill(7);

  it('holds header and key, and zeros where the tag or the checksum will be', () => {
    sealed[SEALED.flags] = ENCRYPTED;
    const data = associatedData(sealed, 'k1');
    expect(hex(data.subarray(SEALED.nonce, SEALED.tag))).toBe('07'.repeat(12));
    expect(hex(data.subarray(SEALED.tag))).toBe(`${'00'.repeat(16)}000000026b31`);
    const checked = new Uint8Array(SEALED.endChecked).fill(7).fill(0, SEALED.flags, SEALED.flags + 1);
    expect(hex(associatedData(checked, 'k1').subarray(SEALED.checksum))).toBe('00000000000000026b31');
  });

  it('is what the checksum begins with', () => {
    const checked = new Uint8Array(SEALED.endChecked).fill(7).fill(0, SEALED.flags, SEALED.flags + 1);
    const payload = Buffer.from('payload');
    for (const key of ['app:lake:user:1', 'k'.repeat(512)]) {
      expect(checksum(checked, key, payload)).toBe(crc32c(payload, crc32c(associatedData(checked, key))));
    }
  });
});
