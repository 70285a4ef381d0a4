import { ExtData } from '@msgpack/msgpack';
import { BINARY_NAMES } from '../../core/entry/binary.js';
import { bigintFromBytes } from './bigint-bytes.js';
import { binaryFromWire } from './binary-wire.js';

/** Extension types on the wire. Append, never renumber. Bytes are `BINARY` plus their place in `BINARY_NAMES`. */
export const EXTENSION = { undefined: 0, date: 1, map: 2, set: 3, bigint: 4, binary: 16 } as const;

export const UNDEFINED = new ExtData(EXTENSION.undefined, new Uint8Array(1));

export function dateExtension(value: Date): ExtData {
  const bytes = new Uint8Array(8);
  // Milliseconds as a double: exact for every Date, and NaN for an invalid one, which a timestamp cannot say.
  new DataView(bytes.buffer).setFloat64(0, value.getTime());
  return new ExtData(EXTENSION.date, bytes);
}

function dateFrom(data: Uint8Array): Date {
  return new Date(new DataView(data.buffer, data.byteOffset, data.byteLength).getFloat64(0));
}

function mapFrom(items: readonly unknown[]): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let at = 0; at + 1 < items.length; at += 2) map.set(items[at], items[at + 1]);
  return map;
}

/** Reads one extension; `nested` decodes the items that a Map (key, value, key, …) or a Set wraps. */
export function readExtension(
  data: Uint8Array,
  type: number,
  nested: (bytes: Uint8Array) => readonly unknown[],
): unknown {
  switch (type) {
    case EXTENSION.undefined:
      return undefined;
    case EXTENSION.date:
      return dateFrom(data);
    case EXTENSION.map:
      return mapFrom(nested(data));
    case EXTENSION.set:
      return new Set(nested(data));
    case EXTENSION.bigint:
      return bigintFromBytes(data);
    default:
      return binaryOf(data, type);
  }
}

function binaryOf(data: Uint8Array, type: number): object {
  const name = type < EXTENSION.binary ? undefined : BINARY_NAMES[type - EXTENSION.binary];
  if (name === undefined) throw new RangeError(`Extension ${type} is not known.`);
  return binaryFromWire(name, data);
}
