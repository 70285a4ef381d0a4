import { createHash } from 'node:crypto';
import { encodeCanonical } from './canonical.js';

/**
 * A hash of a value for use in a key: equal for equal values whatever the order of their properties, different for
 * different ones. Types are told apart: 1, '1', 1n, true; null and undefined; 0 and -0; arrays, Maps, Sets, Dates,
 * buffers and plain objects; a property that is undefined and one that is missing.
 *
 * SHA-256 of a canonical encoding, cut to 192 bits: 32 characters of A-Z a-z 0-9 _ -. Two values with one hash would
 * read each other's data; at 192 bits that takes 2^96 tries.
 *
 * @example const searchKey = defineKey('search:{h}'); ReadThrough((q: SearchDto) => searchKey({ h: stableHash(q) }))
 * @throws {CacheSerializationError} with the path of what has no stable form: functions, symbols, cycles, and class
 * instances, whose private fields nobody sees (hash `{ ...dto }`, or name its fields).
 */
export function stableHash(value: unknown): string {
  return createHash('sha256').update(encodeCanonical(value), 'utf16le').digest('base64url').slice(0, 32);
}
