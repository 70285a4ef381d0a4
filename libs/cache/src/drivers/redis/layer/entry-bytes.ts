import type { Codecs } from '../../../core/entry/codec.js';
import type { Entry } from '../../../core/entry/entry.js';
import { sealEntry } from '../../../core/entry/envelope.js';

/** The one string of an entry under this full key. @throws {CacheSerializationError} when no codec carries the value. */
export function entryBytes(entry: Entry, about: { readonly key: string; readonly codecs: Codecs }): Buffer {
  const { buffer, byteOffset, byteLength } = sealEntry(entry, about);
  return Buffer.from(buffer, byteOffset, byteLength);
}
