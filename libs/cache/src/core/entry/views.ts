import type { ClassOf } from '../shared/class-of.js';
import { copyBinary } from './binary.js';
import { isPlain, type Properties } from './kinds.js';

/** What a reader may do with what it gets: look at it, or change a copy of its own. */
export type Isolation = 'frozen' | 'copy';

type Again = (value: unknown) => unknown;

/**
 * What one reader gets of a kept value that cannot be shared whole: its own Date, Map, Set and bytes, and the path to
 * them, frozen like the rest; frozen parts that hold none of these are the cache's own. Shareable values need no view.
 */
export function sharedView(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return arrayView(value);
  return isPlain(value) ? objectView(value) : copyUnfrozen(value, sharedView);
}

/** A deep copy of a kept value, all of it the reader's own to change. */
export function ownCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ownCopy);
  if (!isPlain(value)) return copyUnfrozen(value, ownCopy);
  const copy: Properties = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    // `copy` has each key as own data already, `__proto__` too, so assigning cannot reach a setter.
    if (typeof item === 'object' && item !== null) copy[key] = ownCopy(item);
  }
  return copy;
}

/**
 * Gives the class back to a view: to the value itself, or to each item of an array. Its constructor is not run.
 * What is no plain object (null, a number, a Date) stays as it is. `view` is what `sharedView` or `ownCopy` made, or
 * a shareable value; it is not changed.
 */
export function revive(view: unknown, as: ClassOf, how: Isolation): unknown {
  if (!Array.isArray(view)) return instance(view, as, how);
  const items = view.map((item) => instance(item, as, how));
  return how === 'frozen' ? Object.freeze(items) : items;
}

function instance(plain: unknown, as: ClassOf, how: Isolation): unknown {
  if (!isPlain(plain)) return plain;
  const prototype: object = as.prototype;
  const revived: Properties = Object.create(prototype);
  for (const key of Object.keys(plain)) {
    // What the class inherits (an accessor, `__proto__`) is not to run: the value was an own property.
    if (key in prototype) Object.defineProperty(revived, key, { ...OWN, value: plain[key] });
    else revived[key] = plain[key];
  }
  return how === 'frozen' ? Object.freeze(revived) : revived;
}

const OWN = { configurable: true, enumerable: true, writable: true };

function objectView(kept: Properties): Properties {
  let copy: Properties | undefined;
  for (const key of Object.keys(kept)) {
    const item = kept[key];
    if (typeof item !== 'object' || item === null) continue;
    const view = sharedView(item);
    if (view === item) continue;
    copy ??= { ...kept };
    copy[key] = view;
  }
  return copy === undefined ? kept : Object.freeze(copy);
}

function arrayView(kept: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let at = 0; at < kept.length; at++) {
    const item = kept[at];
    if (typeof item !== 'object' || item === null) continue;
    const view = sharedView(item);
    if (view === item) continue;
    copy ??= [...kept];
    copy[at] = view;
  }
  return copy === undefined ? kept : Object.freeze(copy);
}

function copyUnfrozen(kept: object, again: Again): object {
  if (kept instanceof Date) return new Date(kept.getTime());
  if (kept instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, value] of kept) copy.set(again(key), again(value));
    return copy;
  }
  return kept instanceof Set ? new Set([...kept].map(again)) : copyBinary(kept);
}
