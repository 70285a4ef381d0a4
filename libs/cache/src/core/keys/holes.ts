import type { Holes, Index, WrongPlace } from './grammar.js';

/** Types that move between the named holes of a definition and places in a call. */

type NameOf<H extends string> = H extends `@${string}` ? never : H extends `${infer N}?` ? N : H;
export type OptionalName<H extends string> = H extends `@${string}` ? never : H extends `${infer N}?` ? N : never;
export type RequiredName<H extends string> = H extends `@${string}` | `${string}?` ? never : H;

/** The names of a definition's holes; `{@…}` are not among them, they come from the request. */
export type Named<T extends string> =
  Holes<T> extends infer H extends string ? (H extends unknown ? NameOf<H> : never) : never;

type WrongPlaces<T extends string, M> =
  | { [N in Named<T>]: N extends keyof M ? never : `{${N}} needs a place` }[Named<T>]
  | { [N in keyof M]: N extends Named<T> ? WrongPlace<M[N] & string> : `there is no hole {${N & string}}` }[keyof M];

/** The places M of a definition's holes, or the sentence that says what is wrong with them. */
export type Placed<T extends string, M> = [WrongPlaces<T, M>] extends [never] ? M : NoInfer<WrongPlaces<T, M>>;

/** The template with its named holes replaced by the places of M. */
export type Subst<T extends string, M> = T extends `${infer A}{${infer H}}${infer R}`
  ? `${A}{${NameOf<H> extends keyof M ? M[NameOf<H>] & string : H}}${Subst<R, M>}`
  : T;

/** The template with its named holes bound to the parameters in order. */
export type ByOrder<T extends string, I extends string[] = Index> = T extends `${infer A}{${infer H}}${infer R}`
  ? H extends `@${string}`
    ? `${A}{${H}}${ByOrder<R, I>}`
    : I extends [infer N extends string, ...infer J extends string[]]
      ? `${A}{${N}${H extends `${string}?` ? '?' : ''}}${ByOrder<R, J>}`
      : never
  : T;
