import { CacheSerializationError } from '../errors.js';

/** Tags at the start of a payload: their count, then each with its length, both in 16 bits. */
const MOST = 0xffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NONE: readonly string[] = Object.freeze([]);
const NO_TAGS = new Uint8Array(2);

/** @throws {CacheSerializationError} for more than 65,535 tags or bytes in a tag. */
export function encodeTags(tags: readonly string[]): Uint8Array {
  if (tags.length === 0) return NO_TAGS;
  const parts = tags.map((tag) => encoder.encode(tag));
  if (parts.length > MOST || parts.some((part) => part.byteLength > MOST)) {
    throw new CacheSerializationError(`An entry holds at most ${MOST} tags of at most ${MOST} bytes.`, 'tags');
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 2 + part.byteLength, 2));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, parts.length);
  let at = 2;
  for (const part of parts) {
    view.setUint16(at, part.byteLength);
    bytes.set(part, at + 2);
    at += 2 + part.byteLength;
  }
  return bytes;
}

/** The tags and where the value begins. Undefined when these bytes begin with no list of tags. */
export function decodeTags(
  payload: Uint8Array,
): { readonly tags: readonly string[]; readonly end: number } | undefined {
  if (payload.byteLength < 2) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const count = view.getUint16(0);
  if (count === 0) return { tags: NONE, end: 2 };
  const tags: string[] = [];
  let at = 2;
  while (tags.length < count) {
    const start = at + 2;
    if (start > payload.byteLength) return undefined;
    at = start + view.getUint16(at);
    if (at > payload.byteLength) return undefined;
    tags.push(decoder.decode(payload.subarray(start, at)));
  }
  return { tags: Object.freeze(tags), end: at };
}
