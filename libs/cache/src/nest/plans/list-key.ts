import { CacheConfigError } from '../../core/errors.js';
import { definitionOf, holdingOf } from '../../core/keys/define-key.js';
import type { AnyKey } from '../../core/keys/key.js';
import type { Hole } from '../../core/keys/place.js';
import { readItems } from '../../core/keys/read-place.js';
import { renderKey } from '../../core/keys/render.js';
import type { KeyTemplate } from '../../core/keys/template.js';
import { readerOf, templateOf, type BoundKey } from './key-binder.js';
import { KeyMemo } from './key-memo.js';
import type { ReadPlan } from './method-plan.js';
import type { RuntimeParts } from './stage.js';

/** The key of a method that reads many: one hole goes through a list among the arguments, `{0.*}` or `{0.*.id}`. */
export interface ListKey extends Pick<BoundKey, 'template' | 'holding'> {
  /** The parameter that is the list. */
  readonly index: number;
  /** @throws {CacheKeyError} for an argument that is no list. */
  listOf(args: readonly unknown[]): readonly unknown[];
  /** What an item of the list has in the place of the hole. */
  idOf(item: unknown): unknown;
  /**
   * Builds the keys of one call, by the ids of its items.
   * @throws {CacheKeyError} for values that no key can hold.
   */
  during(args: readonly unknown[]): (id: unknown) => string;
}

/**
 * Whether the method reads many keys.
 * @throws {CacheConfigError} for `by` where it reads one, and for `batch` where it reads many.
 */
export function isOfMany({ key, options }: ReadPlan, { parts }: Pick<RuntimeParts['cache'], 'parts'>): boolean {
  const isMany = templateOf(key, parts.keys)?.holes.some(isStarred) ?? false;
  if (isMany && options.batch !== undefined) {
    throw new CacheConfigError(
      '{ batch } is for methods that read one id, and this one reads many: its ids are loaded together as they are. Drop { batch }.',
    );
  }
  if (isMany || options.by === undefined) return isMany;
  throw new CacheConfigError(
    "{ by } is for methods that read many keys, and this key has no list: write it with '*', such as 'user:{0.*}', or drop { by }.",
  );
}

/** @throws {CacheConfigError} for a template that does not go through one list of the arguments. */
export function bindList(key: AnyKey, { cache, holes }: Pick<RuntimeParts, 'cache' | 'holes'>): ListKey {
  const { keys, rules } = cache.parts;
  const template = templateOf(key, keys) as KeyTemplate;
  const { index, path, at } = throughList(template);
  const readers = template.holes.map((hole) => readerOf(hole, holes));
  const memo = new KeyMemo((values) => keys.fit(renderKey(template, values)));
  const alone = (id: unknown): string => memo.one(id);
  return {
    template,
    holding: definitionOf(key) === undefined ? rules.holdingOf(template) : holdingOf(key),
    index,
    listOf: (args) => readItems(args[index], template.holes[at] as Hole),
    idOf: (item) => path.reduce(step, item),
    during: (args) => {
      if (readers.length === 1) return alone;
      const values = readers.map((read, hole) => (hole === at ? undefined : read(args, undefined)));
      return (id) => keys.fit(renderKey(template, values.with(at, id)));
    },
  };
}

export function isStarred({ place }: Hole): boolean {
  return place.from === 'argument' && place.path.includes('*');
}

function throughList(template: KeyTemplate) {
  const at = template.holes.findIndex(isStarred);
  const place = template.holes[at]?.place;
  const [star, ...path] = place?.from === 'argument' ? place.path : [];
  const isOne = template.holes.filter(isStarred).length === 1 && star === '*' && !path.includes('*');
  if (place?.from === 'argument' && isOne) return { index: place.index, path, at };
  throw new CacheConfigError(
    `'${template.source}': a read of many keys goes through one list, which is a parameter: write one hole with '*', {0.*} or {0.*.id}.`,
  );
}

/** One step of a path; absence along it is `undefined`. */
export function step(value: unknown, name: string): unknown {
  return value === undefined || value === null ? undefined : (value as Readonly<Record<string, unknown>>)[name];
}
