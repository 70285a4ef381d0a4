import { CacheConfigError } from '../../core/errors.js';
import { definitionOf, holdingOf, isKeyRef } from '../../core/keys/define-key.js';
import type { Holding } from '../../core/keys/holding.js';
import type { KeySpace } from '../../core/keys/key-space.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { Hole } from '../../core/keys/place.js';
import { readPlace } from '../../core/keys/read-place.js';
import { renderKey } from '../../core/keys/render.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import type { ContextHoles } from '../context/context-holes.js';
import type { RuntimeParts } from './stage.js';
import { KeyMemo, type HoleReader } from './key-memo.js';

/** Builds the id of a call from its arguments and, for writes, its result. */
export type KeyBinder = (args: readonly unknown[], result?: unknown) => string;

/** A decorator's key, ready for calls. */
export interface BoundKey {
  readonly id: KeyBinder;
  /** Undefined for a function, whose entity is only known from what it returns. */
  readonly template: KeyTemplate | undefined;
  readonly holding: Holding;
}

/** What keys are built with. */
type KeyWorld = Pick<RuntimeParts, 'cache' | 'holes'>;

/** The template behind a decorator's key; undefined for a function of the arguments. */
export function templateOf(key: AnyKey, keys: KeySpace): KeyTemplate | undefined {
  if (typeof key === 'string') return keys.template(key);
  return isKeyRef(key) ? keys.template(key.template) : undefined;
}

export function bindKey(key: AnyKey, world: KeyWorld): BoundKey {
  const { keys, rules } = world.cache.parts;
  const template = templateOf(key, keys);
  if (template !== undefined) {
    const holding = definitionOf(key) === undefined ? rules.holdingOf(template) : holdingOf(key);
    return { id: bindTemplate(template, world), template, holding };
  }
  if (typeof key !== 'function') throw new CacheConfigError(`a key is a template, a definition or a function`);
  const build = key as (...args: readonly unknown[]) => string;
  const id: KeyBinder = (args) => keys.normalize(world.holes.during(() => build(...args)));
  return { id, template, holding: {} };
}

function bindTemplate(template: KeyTemplate, { cache, holes }: KeyWorld): KeyBinder {
  const { keys } = cache.parts;
  const build = (values: readonly unknown[]) => keys.fit(renderKey(template, values));
  const readers = template.holes.map((hole) => readerOf(hole, holes));
  const memo = new KeyMemo(build);
  const [only, ...more] = readers;
  if (only === undefined) {
    const id = build([]);
    return () => id;
  }
  if (more.length === 0) return (args, result) => memo.one(only(args, result));
  return (args, result) => memo.many(readers, args, result);
}

/** Short cuts for what most holes are: a parameter, or a property of one. */
export function readerOf(hole: Hole, holes: ContextHoles): HoleReader {
  const { place } = hole;
  if (place.from === 'context') return () => holes.value(place.name);
  if (place.from !== 'argument' || place.path.length > 1) return (args, result) => readPlace(hole, args, result);
  const { index } = place;
  const [name] = place.path;
  if (name === undefined) return (args) => args[index];
  return (args) => (args[index] as Readonly<Record<string, unknown>> | undefined)?.[name] ?? readPlace(hole, args);
}

/** Whether the key needs nothing of the result, so that it can be built before the method runs. */
export function isKnownBefore({ template }: Pick<BoundKey, 'template'>): boolean {
  return template === undefined || template.holes.every(({ place }) => place.from !== 'result');
}
