import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import { step } from './list-key.js';

/** How a method that reads many keys gives its values: as a Map by id, or as an array whose items hold their ids. */
export interface ManyResults {
  /** By id, what the method gave. @throws {CacheConfigError} for anything else than it was said to give. */
  byId(given: unknown): unknown;
  /** What a call of it is answered with: the values in the order asked. */
  answer(ids: readonly unknown[], valueOf: (at: number) => unknown): unknown;
}

const PATH = /^[^ ,?*@{}.]+(?:\.[^ ,?*@{}.]+)*$/;

/** @throws {CacheConfigError} for a `by` that is no path. */
export function manyResults(by: string | undefined, origin: string): ManyResults {
  if (by === undefined) return MAP;
  if (PATH.test(by)) return arrayBy(by, origin);
  throw new CacheConfigError(`by: ${shown(by)} is no path of an item. Write a property, 'id', or 'meta.id'.`);
}

/** A Map has what there is: an id that is absent is left out, as the method leaves it out. */
const MAP: ManyResults = {
  byId: (given) => given,
  answer: (ids, valueOf) => {
    const values = ids.map((id, at) => [id, valueOf(at)] as const);
    return new Map(values.filter(([, value]) => value !== null && value !== undefined));
  },
};

function arrayBy(by: string, origin: string): ManyResults {
  const path = by.split('.');
  const idOf = (item: unknown, at: number): unknown => {
    const id = path.reduce(step, item);
    if (id !== undefined && id !== null) return id;
    throw new CacheConfigError(
      `${origin} gave an item without '${by}', the ${at + 1}. of its array: nobody can tell which id it answers. Let { by } name where an item holds its id.`,
    );
  };
  return {
    byId: (given) => {
      if (!Array.isArray(given)) {
        throw new CacheConfigError(
          `${origin} gave ${shown(given)}. With { by: '${by}' } it returns an array of the items that there are; without, a Map by id.`,
        );
      }
      const items: readonly unknown[] = given;
      return new Map(
        items.flatMap((item, at) => (item === null || item === undefined ? [] : [[idOf(item, at), item]])),
      );
    },
    answer: (ids, valueOf) => ids.map((_, at) => valueOf(at) ?? null),
  };
}
