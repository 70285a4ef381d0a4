import type { I8, Index } from './grammar.js';
import type { KeyPart, Nothing } from './key.js';

/** What the holes of a template demand of a method's parameters and result, as types to infer from. */

type Required<P extends string> = P extends `*.${infer R}`
  ? readonly Required<R>[]
  : P extends '*'
    ? readonly KeyPart[]
    : P extends `${infer K}.${infer R}`
      ? { readonly [k in K]: Required<R> }
      : { readonly [k in P]: KeyPart };

type Optional<P extends string> = P extends `${infer K}.${infer R}`
  ? { readonly [k in K]?: Optional<R> } | Nothing
  : { readonly [k in P]?: KeyPart | Nothing } | Nothing;

/** What one hole demands of the value at `Root` ('0' … '7', 'result'); never when it does not touch it. */
type Demand<H extends string, Root extends string> = H extends Root
  ? KeyPart
  : H extends `${Root}?`
    ? KeyPart | Nothing
    : H extends `${Root}.${infer P}?`
      ? Optional<P>
      : H extends `${Root}.${infer P}`
        ? Required<P>
        : never;

/** Boxed in a parameter, so that the union over H is inferred back as an intersection. */
type Box<H extends string, Root extends string> = H extends unknown
  ? [Demand<H, Root>] extends [never]
    ? never
    : (box: { v: Demand<H, Root> }) => void
  : never;

/** All that the holes demand of the value at `Root` together. */
export type Need<H extends string, Root extends string> = [Box<H, Root>] extends [never]
  ? unknown
  : Box<H, Root> extends (box: infer B) => void
    ? B extends { v: infer V }
      ? V
      : never
    : never;

/** The parameters that the holes touch. */
export type Used<H extends string> = H extends unknown
  ? { [K in I8]: H extends K | `${K}?` | `${K}.${string}` ? K : never }[I8]
  : never;

/** The shortest parameter list that gives every hole its value. */
export type ArgsFor<H extends string, I extends string[] = Index, Acc extends unknown[] = []> = [
  Extract<Used<H>, I[number]>,
] extends [never]
  ? [...Acc, ...unknown[]]
  : I extends [infer N extends string, ...infer R extends string[]]
    ? ArgsFor<H, R, undefined extends Need<H, N> ? [...Acc, Need<H, N>?] : [...Acc, Need<H, N>]>
    : never;
