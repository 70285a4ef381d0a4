import { ExtData } from '@msgpack/msgpack';
import { BINARY_NAMES, binaryName } from '../../core/entry/binary.js';
import { isPlain, type Properties } from '../../core/entry/kinds.js';
import { bigintToBytes } from './bigint-bytes.js';
import { binaryToWire } from './binary-wire.js';
import { dateExtension, EXTENSION, UNDEFINED } from './message-pack-extensions.js';

type Encode = (items: readonly unknown[]) => Uint8Array;

const BYTE_ORDER_MARK = 0xfeff;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The library writes long strings with TextEncoder, which replaces lone surrogates, and reads them with TextDecoder,
 * which drops a leading byte order mark.
 */
function carries(text: string): boolean {
  return text.charCodeAt(0) !== BYTE_ORDER_MARK && !LONE_SURROGATE.test(text);
}

/**
 * A kept value in the form that the library writes without loss: what it does not know becomes an extension, the path
 * to it is copied. Undefined when MessagePack cannot carry the value: -0 (written as 0), a string as above, a property
 * called `__proto__` (refused when read).
 */
export function toWire(value: unknown, encode: Encode): unknown {
  switch (typeof value) {
    case 'string':
      return carries(value) ? value : undefined;
    case 'number':
      return Object.is(value, -0) ? undefined : value;
    case 'undefined':
      return UNDEFINED;
    case 'bigint':
      return new ExtData(EXTENSION.bigint, bigintToBytes(value));
    case 'object':
      return value === null ? null : objectToWire(value, encode);
    default:
      return value;
  }
}

function objectToWire(value: object, encode: Encode): unknown {
  if (Array.isArray(value)) return itemsToWire(value, encode);
  if (isPlain(value)) return propertiesToWire(value, encode);
  if (value instanceof Date) return dateExtension(value);
  if (value instanceof Map) return wrapped(EXTENSION.map, [...value].flat(1), encode);
  if (value instanceof Set) return wrapped(EXTENSION.set, [...value], encode);
  const name = binaryName(value);
  if (name === undefined) return undefined;
  return new ExtData(EXTENSION.binary + BINARY_NAMES.indexOf(name), binaryToWire(name, value));
}

function wrapped(type: number, items: readonly unknown[], encode: Encode): ExtData | undefined {
  const wire = itemsToWire(items, encode);
  return wire === undefined ? undefined : new ExtData(type, encode(wire));
}

function itemsToWire(items: readonly unknown[], encode: Encode): readonly unknown[] | undefined {
  let copy: unknown[] | undefined;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    const wire = toWire(item, encode);
    if (wire === undefined) return undefined;
    if (wire !== item && typeof wire === 'object') (copy ??= [...items])[at] = wire;
  }
  return copy ?? items;
}

function propertiesToWire(value: Properties, encode: Encode): Properties | undefined {
  let copy: Properties | undefined;
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || !carries(key)) return undefined;
    const item = value[key];
    const wire = toWire(item, encode);
    if (wire === undefined) return undefined;
    if (wire !== item && typeof wire === 'object') (copy ??= { ...value })[key] = wire;
  }
  return copy ?? value;
}
