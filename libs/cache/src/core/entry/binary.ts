type Make = (memory: ArrayBuffer) => object;

/**
 * Every kind of bytes a value may hold. The order is the wire number of each: append, never reorder.
 * Float16Array exists from Node 24; an older reader treats an entry that holds one as a miss.
 */
export const BINARY_NAMES = [
  'Buffer',
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const;

export type BinaryName = (typeof BINARY_NAMES)[number];

function makerOf(name: BinaryName): Make | undefined {
  const found: unknown = Reflect.get(globalThis, name);
  if (typeof found !== 'function') return undefined;
  if (name === 'ArrayBuffer') return (memory) => memory;
  if (name !== 'Buffer') return (memory): object => Reflect.construct(found, [memory]);
  const from: Make = Reflect.get(found, 'from');
  return (memory) => from(memory);
}

const MAKERS: ReadonlyMap<string, Make | undefined> = new Map(BINARY_NAMES.map((name) => [name, makerOf(name)]));

/** Node's Buffer is a global found at run time, so that `core` imports no built-in and runs where there is none. */
const buffer: object | undefined = Reflect.get(globalThis, 'Buffer')?.prototype;

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const bufferLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength');

function isArrayBuffer(value: object): value is ArrayBuffer {
  try {
    return typeof bufferLength?.get?.call(value) === 'number';
  } catch {
    // The getter throws for whatever is no ArrayBuffer, shared memory included: the answer is no.
    return false;
  }
}

/** What kind of bytes it is, by its internal slots and not by what it says of itself; undefined when it is none. */
export function binaryName(value: object): BinaryName | undefined {
  if (!ArrayBuffer.isView(value)) return isArrayBuffer(value) ? 'ArrayBuffer' : undefined;
  if (Object.getPrototypeOf(value) === buffer) return 'Buffer';
  const tag: unknown = typedArrayTag?.get?.call(value);
  return tag === undefined ? 'DataView' : BINARY_NAMES.find((name) => name === tag);
}

/** Its bytes in memory order, not copied. */
export function bytesOf(value: object): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isArrayBuffer(value)) return new Uint8Array(value);
  throw new TypeError('It holds no bytes.');
}

/**
 * A new value of that kind over a copy of the bytes, in memory of its own (never Buffer's pool).
 * @throws {RangeError} when the bytes are no whole number of its items, or this Node does not know the kind.
 */
export function binaryFrom(name: BinaryName, bytes: Uint8Array): object {
  const make = MAKERS.get(name);
  if (make === undefined) throw new RangeError(`${name} is not known to this version of Node.`);
  return make(new Uint8Array(bytes).buffer);
}

/** The same bytes, of the same kind, in memory of their own. */
export function copyBinary(value: object): object {
  const name = binaryName(value);
  if (name === undefined) throw new TypeError('It holds no bytes.');
  return binaryFrom(name, bytesOf(value));
}
