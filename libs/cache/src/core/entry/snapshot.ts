import type { ClassOf } from '../shared/class-of.js';
import { CacheSerializationError } from '../errors.js';
import { binaryFrom, binaryName, bytesOf } from './binary.js';
import type { Snapshot } from './entry.js';
import * as heap from './heap-size.js';
import { isPlainBelow, hasProperties, kindOf, prototypeOf, setOwn, type Properties } from './kinds.js';
import { refuseClass, refuseHole, refuseInstance, refuseType, refuseUndefined, refuseUnreadable } from './refusal.js';
import { Walk } from './walk.js';

export interface SnapshotOptions {
  /** The class whose exact instances the value, or the items of its array, may be. The copy is plain: `revive` puts it back. */
  readonly as?: ClassOf | undefined;
}

/**
 * Takes a value for keeping, in one pass: refuses what no layer could give back unchanged, copies the rest into clean
 * plain data (own enumerable string keys; shared references are duplicated), freezes it and estimates its size.
 * @throws {CacheSerializationError} naming the class, the path (`$.orders[2].customer`) and the remedy.
 */
export function snapshot(value: unknown, options?: SnapshotOptions): Snapshot {
  if (value === undefined) throw refuseUndefined();
  const walk = new Walk(options?.as);
  try {
    const kept = copy(walk, value);
    return { value: kept, size: walk.size, shareable: walk.shareable };
  } catch (error) {
    throw error instanceof CacheSerializationError ? error : refuseUnreadable(walk.path(), error);
  }
}

function copy(walk: Walk, value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      walk.add(heap.stringSize(value));
      return value;
    case 'number':
      walk.add(heap.numberSize(value));
      return value;
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      walk.add(heap.bigintSize(value));
      return value;
    case 'object':
      return value === null ? null : copyObject(walk, value);
    default:
      throw refuseType(walk.path(), value);
  }
}

function copyObject(walk: Walk, value: object): object {
  const prototype = prototypeOf(value);
  switch (kindOf(prototype)) {
    case 'object':
      return copyPlain(walk, value);
    case 'array':
      return copyArray(walk, value);
    case 'date':
      return copyDate(walk, value);
    case 'map':
      return copyMap(walk, value);
    case 'set':
      return copySet(walk, value);
    case 'binary':
      return copyBytes(walk, value);
    default:
      return copyInstance(walk, value, prototype);
  }
}

function copyPlain(walk: Walk, source: object): object {
  if (!hasProperties(source)) return source;
  const keys = Object.keys(source);
  walk.enter(source, heap.objectSize(keys.length) + heap.namesSize(keys));
  const kept: Properties = {};
  for (const key of keys) {
    walk.step(key);
    setOwn(kept, key, copy(walk, source[key]));
  }
  walk.leave();
  return Object.freeze(kept);
}

function copyArray(walk: Walk, source: object): object {
  if (!isItems(source)) throw new TypeError('it has the prototype of an array but is none.');
  const { length } = source;
  walk.enter(source, heap.arraySize(length));
  // Grown by push, it would keep room for 17 items and more; `slice` would ask the source what to make.
  const kept: unknown[] = [];
  kept.length = length;
  for (let at = 0; at < length; at++) {
    walk.step(at);
    const item = source[at];
    if (item === undefined && !(at in source)) throw refuseHole(walk.path());
    kept[at] = copy(walk, item);
  }
  walk.leave();
  return Object.freeze(kept);
}

function isItems(source: object): source is readonly unknown[] {
  return Array.isArray(source);
}

function copyInstance(walk: Walk, source: object, prototype: object | null): object {
  if (prototype === null || !walk.admits(prototype)) throw refuseInstance(walk.path(), source, walk.as);
  if (walk.as !== undefined && !isPlainBelow(prototype)) throw refuseClass(walk.as);
  return copyPlain(walk, source);
}

// The rest cannot be frozen. Called by way of its class, each of these methods throws for what only has the prototype.

function copyDate(walk: Walk, source: object): object {
  walk.add(heap.DATE_SIZE);
  walk.shareable = false;
  return new Date(Date.prototype.getTime.call(source));
}

function copyBytes(walk: Walk, source: object): object {
  const name = binaryName(source);
  if (name === undefined) throw new TypeError('it has the prototype of bytes but holds none.');
  const bytes = bytesOf(source);
  walk.add(heap.binarySize(bytes.byteLength));
  walk.shareable = false;
  return binaryFrom(name, bytes);
}

function copyMap(walk: Walk, source: object): object {
  const entries: [unknown, unknown][] = [...Map.prototype.entries.call(source)];
  walk.enter(source, heap.mapSize(entries.length));
  walk.shareable = false;
  const kept = new Map<unknown, unknown>();
  for (const [at, [key, value]] of entries.entries()) {
    walk.step({ into: 'keys', at });
    const keptKey = copy(walk, key);
    walk.step({ into: 'get', at: key });
    kept.set(keptKey, copy(walk, value));
  }
  walk.leave();
  return kept;
}

function copySet(walk: Walk, source: object): object {
  const items: unknown[] = [...Set.prototype.values.call(source)];
  walk.enter(source, heap.setSize(items.length));
  walk.shareable = false;
  const kept = new Set<unknown>();
  for (const [at, item] of items.entries()) {
    walk.step({ into: 'values', at });
    kept.add(copy(walk, item));
  }
  walk.leave();
  return kept;
}
