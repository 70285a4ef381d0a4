import type { Need } from '../../../core/keys/demand.js';
import type { KeyPart, Nothing } from '../../../core/keys/key.js';
import type { ArgsOf, IsMany, ValueOf } from './key-argument.js';
import type { Under } from './written.js';

/**
 * What a reader of key K demands of its method. `B`: where an item of its array holds the id it answers; `R`: the places in
 * the result that its tags name.
 */
export type Reads<K, B extends string, R extends string> = [IsMany<K>] extends [true]
  ? ReadsMany<K, B, R>
  : ReadsOne<K, B>;

/** The holes that are checked by themselves: those in the items of many are part of what the result must be. */
export type Checked<K, H extends string> = [IsMany<K>] extends [true] ? Exclude<H, Late> : H;

export type Late = `result${string}`;

interface ReadsOne<K, B> {
  args: ArgsOf<K>;
  result: [B] extends [never] ? ValueOf<K> : never;
  say: [B] extends [never]
    ? 'the parameters or the result do not fit the key'
    : "{ by } is for methods that read many keys: write the key with '*', such as 'user:{0.*}'";
}

type ReadsMany<K, B extends string, R extends string> = [B] extends [never]
  ? { args: ArgsOf<K>; result: [R] extends [never] ? ReadonlyMap<KeyPart, ValueOf<K>> : never; say: ManySay }
  : { args: ArgsOf<K>; result: readonly Item<ValueOf<K>, B, R>[]; say: ManySay; gaps: true };

type ManySay =
  "a method that reads many keys returns a Map by id, or an array with { by: 'id' }, of items with that and what its tags name";

/** An item, or nothing. */
type Item<V, B extends string, R extends string> = (unknown extends V ? unknown : V) &
  ((Under<B, KeyPart> & Named<R>) | Nothing);

/** What the tags name in an item. */
type Named<R extends string> = [R] extends [never]
  ? unknown
  : Need<R, 'result'> extends readonly (infer E)[]
    ? E
    : never;
