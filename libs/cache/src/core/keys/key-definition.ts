import type { ClassOf } from '../cache/policy.js';
import type { ByOrder, Named, Parts, Placed, Subst } from './holes.js';
import type { Key, KeyRef } from './key.js';

type Item<W> = W extends readonly (infer I)[] ? I : never;

/** What a definition knows of the values under its keys. */
export interface HoldsOptions<W> {
  /**
   * The source's own version of a value: a row version, a timestamp. Of two values the one with the higher version
   * is the newer, whichever arrives first.
   */
  version?: ((value: W) => bigint | number | Date) | undefined;
  /** The class whose instances the value, or each item of an array, becomes on a read: prototype set, constructor not run. */
  as?: ClassOf<W> | ClassOf<Item<W>> | undefined;
}

/**
 * A key template with named holes. Called, it builds a finished key; given to a decorator, it binds its holes to the
 * parameters in order, or as `.at()` says.
 */
export interface KeyDefinition<T extends string = string, V = unknown> extends KeyRef<ByOrder<T>, V> {
  /**
   * The finished key of these parts.
   * @throws {CacheKeyError} for a part that is missing, unknown or no key part, and for a `{@name}` without a value.
   */
  (...parts: [Named<T>] extends [never] ? [parts?: Parts<T>] : [parts: Parts<T>]): Key<V>;
  /** A definition of the same template that says what its keys hold; every reader and writer of it is then checked. */
  holds<W>(options?: HoldsOptions<W>): KeyDefinition<T, W>;
  /** Where each hole comes from in a decorated call: `'0'`, `'1.id'`, `'0.id?'`, `'result.id'`, `'@user'`. */
  at<const M extends { readonly [N in Named<T>]?: string }>(places: Placed<T, M>): KeyRef<Subst<T, M>, V>;
}
