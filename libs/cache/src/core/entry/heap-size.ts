/**
 * Bytes on V8's heap (64 bit), estimated: what a bound on memory needs, not an audit. Property names are shared by
 * all objects of a shape and are not counted, unless there are so many that the object is likely a dictionary.
 */
const HEADER = 16;
const SLOT = 8;

/** An object has four slots inside; more are kept in an array beside it, which grows by three. */
export function objectSize(properties: number): number {
  return 56 + (properties > 4 ? HEADER + Math.ceil((properties - 4) / 3) * 3 * SLOT : 0);
}

const LARGEST_SHAPE = 64;

/** The names of a dictionary's keys, which no other object shares, and its hash table. */
export function namesSize(keys: readonly string[]): number {
  if (keys.length <= LARGEST_SHAPE) return 0;
  return keys.reduce((sum, key) => sum + stringSize(key) + 3 * SLOT, 0);
}

export function arraySize(length: number): number {
  return 48 + length * SLOT;
}

/** Map and Set keep a hash table of up to twice their size. */
export function mapSize(entries: number): number {
  return 192 + entries * 42;
}

export function setSize(items: number): number {
  return 176 + items * 30;
}

export const DATE_SIZE = 112;

export function binarySize(bytes: number): number {
  return 320 + bytes;
}

/** Small integers live in their slot. */
export function numberSize(value: number): number {
  return (value | 0) === value ? 0 : HEADER;
}

/** One byte a character while all are Latin-1, else two: four are looked at. */
export function stringSize(text: string): number {
  const last = text.length - 1;
  if (last < 0) return 0;
  const wide =
    text.charCodeAt(0) > 0xff ||
    text.charCodeAt(last) > 0xff ||
    text.charCodeAt(last >> 1) > 0xff ||
    text.charCodeAt(last >> 2) > 0xff;
  return HEADER + (wide ? text.length * 2 : text.length);
}

const WORD = 2n ** 63n;

export function bigintSize(value: bigint): number {
  if (value < WORD && value > -WORD) return HEADER + SLOT;
  return HEADER + Math.ceil(value.toString(16).length / 2);
}
