import { binaryName, bytesOf } from './binary.js';
import type { Snapshot } from './entry.js';
import * as heap from './heap-size.js';
import { LARGEST } from './limits.js';

interface Tally {
  size: number;
  shareable: boolean;
}

/**
 * Takes what a codec made for keeping, as it is: nobody else holds it and codecs bound its depth, so it is frozen in place
 * and measured, not copied.
 * @throws {RangeError} for what no codec of ours makes: a checksum proves no author.
 */
export function adopt(value: unknown): Snapshot {
  const tally: Tally = { size: 0, shareable: true };
  take(value, tally);
  if (tally.size > LARGEST) throw new RangeError('Too large.');
  return { value, size: tally.size, shareable: tally.shareable };
}

function take(value: unknown, tally: Tally): void {
  switch (typeof value) {
    case 'string':
      tally.size += heap.stringSize(value);
      return;
    case 'number':
      tally.size += heap.numberSize(value);
      return;
    case 'object':
      if (value !== null) takeObject(value, tally);
      return;
    case 'bigint':
      tally.size += heap.bigintSize(value);
      return;
    case 'boolean':
    case 'undefined':
      return;
    default:
      throw new RangeError(`No codec makes a ${typeof value}.`);
  }
}

function takeObject(value: object, tally: Tally): void {
  if (Array.isArray(value)) {
    tally.size += heap.arraySize(value.length);
    for (const item of value) take(item, tally);
    Object.freeze(value);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    const keys = Object.keys(value);
    tally.size += heap.objectSize(keys.length) + heap.namesSize(keys);
    for (const key of keys) take((value as Readonly<Record<string, unknown>>)[key], tally);
    Object.freeze(value);
  } else {
    takeMutable(value, tally);
  }
}

/** What freezing does not keep from changing: each reader gets a view of its own. */
function takeMutable(value: object, tally: Tally): void {
  tally.shareable = false;
  if (value instanceof Date) tally.size += heap.DATE_SIZE;
  else if (value instanceof Map) {
    tally.size += heap.mapSize(value.size);
    for (const [key, item] of value) {
      take(key, tally);
      take(item, tally);
    }
  } else if (value instanceof Set) {
    tally.size += heap.setSize(value.size);
    for (const item of value) take(item, tally);
  } else if (binaryName(value) !== undefined) tally.size += heap.binarySize(bytesOf(value).byteLength);
  else throw new RangeError('No codec makes an instance of a class.');
}
