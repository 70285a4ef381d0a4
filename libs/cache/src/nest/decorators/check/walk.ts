import type { I8 } from '../../../core/keys/grammar.js';
import type { KeyPart, Nothing } from '../../../core/keys/key.js';

/** Follows a hole through the types of a call. Each type is never when all is well, else one sentence that names the hole. */

export type IsAny<T> = 0 extends 1 & T ? true : false;
type MayMiss<H extends string> = `{${H}} may be undefined or null: write {${H}?} to give absence a key of its own`;
type NotPart<H extends string> = `{${H}} is not string | number | bigint | boolean`;
type NoProperty<H extends string, K extends string> = `{${H}}: there is no '${K}'`;
type NoArray<H extends string> = `{${H}}: '*' needs an array`;
type NoParameter<H extends string, I extends string, A extends readonly unknown[]> = number extends A['length']
  ? `{${H}}: a rest parameter has no fixed place`
  : `{${H}}: the method has no parameter ${I} (they count from 0)`;

type Leaf<V, H extends string> =
  IsAny<V> extends true
    ? never
    : [V] extends [KeyPart]
      ? never
      : [V] extends [KeyPart | Nothing]
        ? MayMiss<H>
        : NotPart<H>;

/** Path P of hole H through a value of type V. */
type Walk<V, P extends string, H extends string> =
  IsAny<V> extends true
    ? never
    : P extends `*.${infer R}`
      ? V extends readonly (infer E)[]
        ? Walk<E, R, H>
        : NoArray<H>
      : P extends '*'
        ? V extends readonly (infer E)[]
          ? Leaf<E, H>
          : NoArray<H>
        : P extends `${infer K}.${infer R}`
          ? Step<V, K, R, H>
          : Step<V, P, '', H>;
type Step<V, K extends string, R extends string, H extends string> = [V] extends [NonNullable<V>]
  ? V extends unknown
    ? K extends keyof V
      ? R extends ''
        ? Leaf<V[K], H>
        : Walk<V[K], R, H>
      : NoProperty<H, K>
    : never
  : MayMiss<H>;

/** As Walk, where the hole ends in '?': absence along the path is fine. */
type OptionalWalk<V, P extends string, H extends string> =
  IsAny<V> extends true
    ? never
    : P extends `${infer K}.${infer R}`
      ? OptionalStep<NonNullable<V>, K, R, H>
      : OptionalStep<NonNullable<V>, P, '', H>;
type OptionalStep<V, K extends string, R extends string, H extends string> = V extends unknown
  ? K extends keyof V
    ? R extends ''
      ? OptionalLeaf<V[K], H>
      : OptionalWalk<V[K], R, H>
    : NoProperty<H, K>
  : never;
type OptionalLeaf<V, H extends string> = [V] extends [KeyPart | Nothing] ? never : NotPart<H>;

/** Hole H against the parameters A. */
export type OfArguments<A extends readonly unknown[], H extends string> = H extends `${infer I extends I8}.${infer P}?`
  ? I extends keyof Required<A>
    ? OptionalWalk<A[I & keyof A], P, H>
    : NoParameter<H, I, A>
  : H extends `${infer I extends I8}?`
    ? I extends keyof Required<A>
      ? OptionalLeaf<A[I & keyof A], H>
      : NoParameter<H, I, A>
    : H extends `${infer I extends I8}.${infer P}`
      ? I extends keyof Required<A>
        ? Walk<A[I & keyof A], P, H>
        : NoParameter<H, I, A>
      : H extends I8
        ? H extends keyof Required<A>
          ? Leaf<A[H & keyof A], H>
          : NoParameter<H, H, A>
        : never;

/** Hole H against the settled result V. */
export type OfResult<V, H extends string> = H extends `result.${infer P}?`
  ? OptionalWalk<V, P, H>
  : H extends `result.${infer P}`
    ? Walk<V, P, H>
    : H extends 'result?'
      ? OptionalLeaf<V, H>
      : H extends 'result'
        ? Leaf<V, H>
        : never;
