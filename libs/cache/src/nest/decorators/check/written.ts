import type { Index } from '../../../core/keys/grammar.js';
import type { KeyPart, Nothing } from '../../../core/keys/key.js';
import type { ArgsOf, ValueOf } from './key-argument.js';

/** An object that holds a V at path P. */
export type Under<P extends string, V> = P extends `${infer K}.${infer R}`
  ? { readonly [k in K]: Under<R, V> }
  : { readonly [k in P]: V };

/** The parameter list in which place S holds a V. */
type PlaceArgs<S extends string, V, I extends string[] = Index, Acc extends unknown[] = []> = I extends [
  infer N extends string,
  ...infer R extends string[],
]
  ? S extends N
    ? [...Acc, V, ...unknown[]]
    : S extends `${N}.${infer P}`
      ? [...Acc, Under<P, V>, ...unknown[]]
      : PlaceArgs<S, V, R, [...Acc, unknown]>
  : never;

/** Anything a method can be said to return; `void` is not. */
type Something = KeyPart | object | Nothing;

/** What a writer of key K demands of its method, its value at place S. */
export type Written<K, S extends string> = [S] extends [never] | ['result']
  ? {
      args: ArgsOf<K>;
      result: unknown extends ValueOf<K> ? Something : ValueOf<K>;
      say: "the result is not what the key holds, or there is none: name the value's place with { value: '0' }";
    }
  : { args: ArgsOf<K> & PlaceArgs<S, ValueOf<K>>; say: `'${S}' is not what the key holds` };

/** What a method kept without a key demands: its arguments are the key. */
export type Keyless<T extends string> = [T] extends [never]
  ? {
      args: (KeyPart | Nothing)[];
      sync: true;
      say: "not all parameters are primitive: name the key with { key: 'entity:{0.id}' }";
    }
  : { sync: true };
