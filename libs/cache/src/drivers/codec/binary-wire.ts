import { binaryFrom, bytesOf, type BinaryName } from '../../core/entry/binary.js';

/** Bytes of one item, of those kinds whose items are numbers longer than a byte. */
const WIDTHS: ReadonlyMap<BinaryName, number> = new Map<BinaryName, number>([
  ['Int16Array', 2],
  ['Uint16Array', 2],
  ['Float16Array', 2],
  ['Int32Array', 4],
  ['Uint32Array', 4],
  ['Float32Array', 4],
  ['Float64Array', 8],
  ['BigInt64Array', 8],
  ['BigUint64Array', 8],
]);

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function reversed(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  for (let at = 0; at < swapped.byteLength; at += width) swapped.subarray(at, at + width).reverse();
  return swapped;
}

/** On the wire items are little-endian, as in the memory of almost every machine; the others turn them around. */
function turned(name: BinaryName, bytes: Uint8Array): Uint8Array {
  const width = WIDTHS.get(name);
  return littleEndian || width === undefined ? bytes : reversed(bytes, width);
}

/** The bytes of any kind of binary value as they are written; not a copy. */
export function binaryToWire(name: BinaryName, value: object): Uint8Array {
  return turned(name, bytesOf(value));
}

/** @throws {RangeError} for bytes that are no whole number of items, or a kind that this Node does not know. */
export function binaryFromWire(name: BinaryName, bytes: Uint8Array): object {
  return binaryFrom(name, turned(name, bytes));
}
