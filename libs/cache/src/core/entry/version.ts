import { CacheSerializationError } from '../errors.js';

/**
 * Which of two values is newer. `source` is the source's own number (row version, timestamp) and is compared only
 * with another source number; `assigned` is given by the cache to every write: µs of server time, strictly rising.
 */
export interface Version {
  readonly source: bigint | undefined;
  readonly assigned: number;
}

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/** True when `candidate` must not replace `stored`. Equal versions are the same value: not older. */
export function isOlder(candidate: Version, stored: Version): boolean {
  if (candidate.source !== undefined && stored.source !== undefined) return candidate.source < stored.source;
  return candidate.assigned < stored.assigned;
}

/** True for the versions of one write. */
export function isSameVersion(one: Version, other: Version): boolean {
  return one.assigned === other.assigned && one.source === other.source;
}

/**
 * A source's version as a signed 64-bit integer; a Date counts as its milliseconds.
 * @throws {CacheSerializationError} for a fraction, a number past ±2^53, an invalid Date, a bigint past 64 bits.
 */
export function sourceVersion(value: bigint | number | Date): bigint {
  const number = value instanceof Date ? value.getTime() : value;
  if (typeof number === 'bigint' && number >= LOWEST && number <= HIGHEST) return number;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return BigInt(number);
  throw new CacheSerializationError(
    `version: ${String(value)} cannot order two writes. Give a whole number within ±2^53, a valid Date, or a bigint of 64 bits (a row version, an updatedAt).`,
    'version',
  );
}

/** The unsigned form in which the header keeps a source version: byte order is number order, negatives first. */
export function toUnsigned(source: bigint): bigint {
  return source - LOWEST;
}

/** Reverses {@link toUnsigned}. */
export function fromUnsigned(unsigned: bigint): bigint {
  return unsigned + LOWEST;
}
