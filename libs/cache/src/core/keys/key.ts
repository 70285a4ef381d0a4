import type { ClassOf } from '../shared/class-of.js';
import type { Holes } from './grammar.js';
import type { ByOrder, Named, OptionalName, Placed, RequiredName, Subst } from './holes.js';

/** What may stand for a hole. Identity is `String(value)`: 1 and '1' give one key. NaN and Infinity are refused. */
export type KeyPart = string | number | bigint | boolean;

export type Nothing = null | undefined;

declare const held: unique symbol;

/** A finished key, as `defineKey` builds it. A plain string in the grammar is taken wherever a Key is. */
export type Key<V = unknown> = string & { readonly [held]?: V };

/** A template whose holes say where in a decorated call they come from: `{0}`, `{1.id}`, `{result.id}`, `{@tenant}`. */
export interface KeyRef<T extends string = string, V = unknown> {
  readonly template: T;
  readonly [held]?: V;
}

/** A key computed from the arguments of the decorated call. Its parameters take their types from an annotation. */
export type KeyFunction<V = unknown> = (...args: never[]) => Key<V>;

/** What a decorator takes for a key: a template, a definition, or a function of the arguments. */
export type AnyKey = string | KeyRef | KeyFunction;

type Item<W> = W extends readonly (infer I)[] ? I : never;

/** What a definition knows of the values under its keys. */
export interface HoldsOptions<W> {
  /**
   * The source's own version of a value: a row version, a timestamp. Of two values the one with the higher version
   * is the newer, whichever arrives first; of two that were saved at the same time and have the same one, neither is kept.
   */
  version?: ((value: W) => bigint | number | Date) | undefined;
  /** The class whose instances the value, or each item of an array, becomes on a read: prototype set, constructor not run. */
  as?: ClassOf<W> | ClassOf<Item<W>> | undefined;
}

/** What a definition is called with. */
export type Parts<T extends string> = { readonly [H in Holes<T> as RequiredName<H>]: KeyPart } & {
  readonly [H in Holes<T> as OptionalName<H>]?: KeyPart | Nothing;
};

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
