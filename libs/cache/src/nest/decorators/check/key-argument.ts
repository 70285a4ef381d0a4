import type { Holes, Template } from '../../../core/keys/grammar.js';
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

/** The key of something that is read or kept: one, and known before the call. */
export type EarlyKey<K, Verb extends 'reads' | 'writes' | 'keeps'> = [Late<K>] extends [true]
  ? 'the key must be known before the call: no {result…} here'
  : SingleKey<K, Verb>;

/** One key, which may be known only after the call. */
export type SingleKey<K, Verb extends 'reads' | 'writes' | 'keeps'> = [Fans<K>] extends [true]
  ? `one call ${Verb} one key: no {….*} here`
  : KeyArgument<K>;
