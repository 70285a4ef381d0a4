import { binaryName, bytesOf } from '../entry/binary.js';
import { isPlain } from '../entry/kinds.js';

/**
 * Whether two values, as the cache keeps them, say the same. The order of properties does not count, nor that of a Map
 * or Set of primitives; a property that is undefined is one that is not there.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other || Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other);
  if (isPlain(one)) return isPlain(other) && isSamePlain(one, other);
  if (one instanceof Date) return other instanceof Date && Object.is(one.getTime(), other.getTime());
  if (one instanceof Map) return other instanceof Map && isSameMap(one, other);
  if (one instanceof Set) return other instanceof Set && isSameSet(one, other);
  return isSameBytes(one, other);
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => isSameValue(item, other[at]));
}

function isSamePlain(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  for (const name of Object.keys(one)) {
    if (!isSameValue(one[name], Object.hasOwn(other, name) ? other[name] : undefined)) return false;
  }
  return Object.keys(other).every((name) => Object.hasOwn(one, name) || other[name] === undefined);
}

function isSameMap(one: ReadonlyMap<unknown, unknown>, other: ReadonlyMap<unknown, unknown>): boolean {
  if (one.size !== other.size) return false;
  if (hasObjects(one.keys())) return isSameList([...one], [...other]);
  for (const [key, value] of one) if (!other.has(key) || !isSameValue(value, other.get(key))) return false;
  return true;
}

function isSameSet(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>): boolean {
  if (one.size !== other.size) return false;
  if (hasObjects(one)) return isSameList([...one], [...other]);
  for (const item of one) if (!other.has(item)) return false;
  return true;
}

/** Objects are looked up by identity, which no two copies share: their order has to do. */
function hasObjects(items: Iterable<unknown>): boolean {
  for (const item of items) if (typeof item === 'object' && item !== null) return true;
  return false;
}

function isSameBytes(one: object, other: object): boolean {
  const name = binaryName(one);
  if (name === undefined || name !== binaryName(other)) return false;
  const [bytes, others] = [bytesOf(one), bytesOf(other)];
  return bytes.length === others.length && bytes.every((byte, at) => byte === others[at]);
}
