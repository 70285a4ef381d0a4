import type { Holes, I8, Template } from '../../../core/keys/grammar.js';
import type { Key, KeyRef, Nothing } from '../../../core/keys/key.js';

/** What a decorator learns from its key argument K: a template, a reference or a function. */

type TemplateOf<K> = K extends string ? K : K extends KeyRef<infer T> ? T : '';

/** The holes of the key; none when the template itself is refused, so that one mistake gives one error. */
export type HolesOf<K> =
  TemplateOf<K> extends infer T extends string ? (T extends Template<T> ? Holes<T> : never) : never;

type OrNothing<V> = unknown extends V ? unknown : V | Nothing;

/** What the key holds; null and undefined may stand for nothing. */
export type ValueOf<K> = K extends string
  ? unknown
  : K extends KeyRef<string, infer V>
    ? OrNothing<V>
    : K extends (...args: never[]) => Key<infer V>
      ? OrNothing<V>
      : unknown;

/** The parameters that a key function demands. */
export type ArgsOf<K> = K extends KeyRef
  ? unknown[]
  : K extends (...args: infer A) => unknown
    ? [...A, ...unknown[]]
    : unknown[];

/** The key itself, its template checked. */
export type KeyArgument<K> = K extends string ? Template<K> : K;

type Fans<K> = TemplateOf<K> extends `${string}*${string}` ? true : false;
type Late<K> = TemplateOf<K> extends `${string}{result${string}` ? true : false;

/** Whether a read is of many keys: one for each item of a list. */
export type IsMany<K> = Fans<K>;

type Starred<H extends string> = H extends `${string}*${string}` ? H : never;
type Through<H extends string> = H extends `${string}.*.${string}*${string}`
  ? false
  : H extends `${I8}.*` | `${I8}.*.${string}`
    ? true
    : false;
type IsOne<H, U = H> = H extends unknown ? ([U] extends [H] ? true : false) : never;

/** The key of a read: one, or one for each item of a list; known before the call. */
export type ReadKey<K> = [Late<K>] extends [true]
  ? EarlyKey<K, 'reads'>
  : [Fans<K>] extends [true]
    ? [HolesOf<K>] extends [never]
      ? KeyArgument<K>
      : [IsOne<Starred<HolesOf<K>>>, Through<Starred<HolesOf<K>>>] extends [true, true]
        ? KeyArgument<K>
        : 'a read of many keys goes through one list, which is a parameter: {0.*} or {0.*.id}'
    : KeyArgument<K>;

/** The key of something that is read or kept: one, and known before the call. */
export type EarlyKey<K, Verb extends 'reads' | 'writes' | 'keeps'> = [Late<K>] extends [true]
  ? 'the key must be known before the call: no {result…} here'
  : SingleKey<K, Verb>;

/** One key, which may be known only after the call. */
export type SingleKey<K, Verb extends 'reads' | 'writes' | 'keeps'> = [Fans<K>] extends [true]
  ? `one call ${Verb} one key: no {….*} here`
  : KeyArgument<K>;
