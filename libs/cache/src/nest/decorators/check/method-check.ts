import type { ArgsFor, Need, Used } from '../../../core/keys/demand.js';
import type { IsAny, OfArguments, OfResult } from './walk.js';

declare const refused: unique symbol;

/** Long and branded, so that inference falls back to it only when a method does not fit, and no method has it by chance. */
type No = readonly [typeof refused, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** Field F of the demands N, or D. */
type Asked<N, F extends string, D> = N extends { [k in F]: infer V } ? V : D;

/** No intersection where nothing more is asked: comparing with one is what costs most. */
type Arguments<H extends string, V> = unknown[] extends V ? ArgsFor<H> : ArgsFor<H> & V;

/** The sentence of the first hole that does not fit method M. */
type Why<H extends string, N, M> = M extends (...args: infer A) => infer R
  ? (R extends PromiseLike<infer V> ? V : R) extends infer V
    ? (H extends unknown ? OfArguments<A, H> | OfResult<V, H> : never) extends infer E
      ? [E] extends [never]
        ? WhyWhole<N, R>
        : E
      : never
    : never
  : 'decorate a method';

/** Every hole fits: then the parameters or the result as a whole do not. */
type WhyWhole<N, R> = N extends { sync: true }
  ? Asked<N, 'say', 'the parameters do not fit'>
  : R extends PromiseLike<unknown>
    ? Asked<N, 'say', 'the parameters or the result do not fit the key'>
    : 'the method must return a Promise';

/** Where there is nothing for an id its place has null. */
type Gaps<N, S> = N extends { gaps: true }
  ? S extends readonly [(infer V)?]
    ? V extends readonly (infer E)[]
      ? [null] extends [E]
        ? object
        : 'an id may be absent, and has null in the array: let the method return (T | null)[]'
      : object
    : object
  : Skips<N, S>;

/** What may be skipped gives undefined then. */
type Skips<N, S> = N extends { skip: true }
  ? [undefined] extends S
    ? object
    : "with ifBusy: 'skip' the call may give undefined: let the method return undefined or void too"
  : object;

/**
 * Any target when the method fits, else the sentence that says why it does not. A and S are tuples: only so does
 * the test not wait for type parameters of the class.
 */
type Judge<H extends string, N, M, A, S> =
  IsAny<M> extends true
    ? object
    : [[No]] extends [[A]]
      ? Why<H, N, M>
      : [[No]] extends [[S]]
        ? Why<H, N, M>
        : A extends readonly unknown[]
          ? [Exclude<Used<H>, keyof Required<A>>] extends [never]
            ? Gaps<N, S>
            : Why<H, N, M>
          : never;

/** What settles to the value S. */
interface Settles<S extends readonly unknown[]> {
  then(ok: (...value: S extends unknown[] ? S : never) => unknown): unknown;
}

/**
 * A method decorator that compiles only on methods that give the holes H their values. N says what else is asked:
 * `args`, `result`, `sync` (a plain result will do), `skip` (the call may give undefined), `gaps` (so may items), `say` (the sentence when args or result fail).
 *
 * It infers from the descriptor and refuses through the target. The obvious way, intersecting the descriptor's type
 * with what is demanded, refuses valid code in generic classes and inside applyDecorators(); refusing through the
 * name, which is a literal, takes the compiler twice the time.
 */
export interface MethodCheck<H extends string, N = unknown> {
  <
    M,
    A extends Arguments<H, Asked<N, 'args', unknown[]>> | No,
    S extends [value?: Need<H, 'result'> & Asked<N, 'result', unknown>] | No,
  >(
    target: NoInfer<Judge<H, N, M, A, N extends { sync: true } ? [] : S>>,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<M> & {
      value?:
        ((...args: A extends unknown[] ? A : never) => N extends { sync: true } ? unknown : Settles<S>) | undefined;
    },
  ): void;
  /** Never called: a second signature is what lets applyDecorators() take this. */
  (a: never, b: never, c: never, d: never): never;
}
