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
