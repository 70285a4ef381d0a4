import { CacheKeyError } from '../errors.js';
import { contextValue } from './context.js';
import { show } from './escape.js';
import type { Hole } from './place.js';

/**
 * The value a hole names in a call, not yet checked for being a key part. Null and undefined along the path are
 * absence: `undefined` for a `{…?}` hole.
 * @throws {CacheKeyError} `KEY_VALUE` for absence where the hole does not admit it; `KEY_CONTEXT` for a `{@name}` without a value.
 */
export function readPlace(hole: Hole, args: readonly unknown[], result?: unknown): unknown {
  const { place } = hole;
  if (place.from === 'context') return contextValue(place.name);
  if (place.from === 'named')
    throw new CacheKeyError('KEY_GRAMMAR', `${hole.label} is a name, not a place in the call`);
  let value = place.from === 'argument' ? args[place.index] : result;
  for (const step of place.path) value = readStep(value, step, hole);
  if (value === undefined || value === null) return absent(value, hole);
  return value;
}

/** One step of a path: a property, own or inherited, so that getters of a class count. */
export function readStep(value: unknown, step: string, hole: Hole): unknown {
  if (value === undefined || value === null) return absent(value, hole);
  return (value as Readonly<Record<string, unknown>>)[step];
}

/** The items that a `'*'` stands for. */
export function readItems(value: unknown, hole: Hole): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CacheKeyError('KEY_VALUE', `${hole.label}: '*' needs an array, not ${show(value)}`);
}

function absent(value: undefined | null, hole: Hole): undefined {
  if (hole.optional) return undefined;
  throw new CacheKeyError(
    'KEY_VALUE',
    `${hole.label} is ${value}: write {${hole.text}?} to give absence a key of its own`,
  );
}
