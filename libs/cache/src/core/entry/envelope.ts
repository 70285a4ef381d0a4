import { checksum } from './associated-data.js';
import type { Codecs } from './codec.js';
import { valueEntry, type Entry, type EntryHeader, type Tombstone, type ValueEntry } from './entry.js';
import { MUTABLE, SEALED } from './layout.js';
import {
  NO_MARKS,
  readMutableHeader,
  writeMutableHeader,
  type Marks,
  type MutableHeader,
  type StateAndMarks,
} from './mutable-header.js';
import { readSealedHeader, sealedLength, writeSealedHeader, type SealedHeader } from './sealed-header.js';
import { adopt } from './adopt.js';
import { decodeTags, encodeTags } from './tag-list.js';

/** What belongs to the bytes of an entry besides the entry. */
export interface EnvelopeContext {
  /** The full key: the same value under another key is another string. */
  readonly key: string;
  readonly codecs: Codecs;
  /** Of the key's template, 64 bits; 0n: not known. */
  readonly templateHash?: bigint | undefined;
  readonly marks?: Marks | undefined;
}

/**
 * Why bytes are a miss. `truncated`: shorter than they say; `format`: not ours, or of a later version;
 * `sealed`: compressed or encrypted, which this reader cannot open; `checksum`: damaged, or of another key;
 * `codec`: of a codec not at hand; `payload`: what the codec refuses, `cause` says why.
 */
export type Unreadable = 'truncated' | 'format' | 'sealed' | 'checksum' | 'codec' | 'payload';

/** What bytes hold: the header always, an entry unless it is a placeholder. */
export type Opened =
  | { readonly ok: true; readonly header: MutableHeader; readonly entry: Entry | undefined }
  | { readonly ok: false; readonly reason: Unreadable; readonly cause?: unknown };

/** The one string of an entry. @throws {CacheSerializationError} when no codec carries the value. */
export function sealEntry(entry: Entry, context: EnvelopeContext): Uint8Array {
  const marks = context.marks ?? NO_MARKS;
  return entry.kind === 'value' ? sealValue(entry, context, marks) : sealHeader(entry, { state: entry.kind, marks });
}

/** A header alone: a tombstone, or the placeholder that holds a lease or intents. */
export function sealHeader(header: EntryHeader, about: StateAndMarks): Uint8Array {
  const bytes = new Uint8Array(MUTABLE.end);
  writeMutableHeader(bytes, header, about);
  return bytes;
}

function sealValue(entry: ValueEntry, context: EnvelopeContext, marks: Marks): Uint8Array {
  const tags = encodeTags(entry.tags);
  const value = context.codecs.encode(entry.value);
  const rawLength = tags.byteLength + value.bytes.byteLength;
  const start = MUTABLE.end + sealedLength(false);
  const bytes = new Uint8Array(start + rawLength);
  writeMutableHeader(bytes, entry, { state: 'value', marks });
  bytes.set(tags, start);
  bytes.set(value.bytes, start + tags.byteLength);
  const sealed = bytes.subarray(MUTABLE.end, start);
  const { templateHash = 0n } = context;
  writeSealedHeader(sealed, {
    codec: value.codec,
    compressed: false,
    encrypted: false,
    keyId: 0,
    rawLength,
    templateHash,
  });
  const sum = checksum(sealed, context.key, bytes.subarray(start));
  new DataView(sealed.buffer, sealed.byteOffset).setUint32(SEALED.checksum, sum);
  return bytes;
}

/** Reads what `sealEntry` or `sealHeader` wrote. Whatever the bytes are, it answers and does not throw. */
export function openEntry(bytes: Uint8Array, context: EnvelopeContext): Opened {
  if (bytes.byteLength < MUTABLE.end) return { ok: false, reason: 'truncated' };
  const header = readMutableHeader(bytes);
  if (header === undefined) return { ok: false, reason: 'format' };
  const rest = bytes.subarray(MUTABLE.end);
  if (header.state === 'value') return openValue(rest, header, context);
  if (rest.byteLength > 0) return { ok: false, reason: 'format' };
  return { ok: true, header, entry: header.state === 'tombstone' ? tombstoneOf(header) : undefined };
}

function tombstoneOf({ version, createdAt, freshUntil, staleUntil, computeMs, tagGeneration }: EntryHeader): Tombstone {
  return { kind: 'tombstone', version, createdAt, freshUntil, staleUntil, computeMs, tagGeneration };
}

function openValue(bytes: Uint8Array, header: MutableHeader, context: EnvelopeContext): Opened {
  const about = readSealedHeader(bytes);
  if (typeof about === 'string') return { ok: false, reason: about };
  if (about.compressed || about.encrypted) return { ok: false, reason: 'sealed' };
  const sealed = bytes.subarray(0, SEALED.endChecked);
  const payload = bytes.subarray(SEALED.endChecked);
  if (payload.byteLength !== about.rawLength) return { ok: false, reason: 'truncated' };
  const sum = new DataView(sealed.buffer, sealed.byteOffset).getUint32(SEALED.checksum);
  if (sum !== checksum(sealed, context.key, payload)) return { ok: false, reason: 'checksum' };
  return openPayload(payload, { about, header, codecs: context.codecs });
}

interface Reading {
  readonly about: SealedHeader;
  readonly header: MutableHeader;
  readonly codecs: Codecs;
}

function openPayload(payload: Uint8Array, { about, header, codecs }: Reading): Opened {
  const codec = codecs.find(about.codec);
  if (codec === undefined) return { ok: false, reason: 'codec' };
  try {
    const list = decodeTags(payload);
    if (list === undefined) return { ok: false, reason: 'payload' };
    const kept = adopt(codec.decode(payload.subarray(list.end)));
    return { ok: true, header, entry: valueEntry(kept, header, list.tags) };
  } catch (cause) {
    return { ok: false, reason: 'payload', cause };
  }
}
