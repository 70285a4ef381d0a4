/** The grammar of templates for the compiler. `template.ts` refuses the same texts, with the same sentences, at run time. */

type Lower =
  | ('a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm')
  | ('n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z');
type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type Word = Lower | Uppercase<Lower> | Digit | '_';
type Plain = Word | '.' | '~' | '-';

/** One character at a time: a union inside the pattern would be tried member by member. */
type All<S extends string, Allowed> = S extends `${infer C}${infer R}`
  ? C extends Allowed
    ? All<R, Allowed>
    : false
  : true;
type NoHoles<S extends string> = S extends `${infer A}{${string}}${infer R}` ? `${A}${NoHoles<R>}` : S;
type NoCommas<S extends string> = S extends `${infer A},${infer R}` ? `${A}${NoCommas<R>}` : S;
export type Split<S extends string> = S extends `${infer A}:${infer R}` ? [A, ...Split<R>] : [S];

/** The holes of a template, as a union of their texts. */
export type Holes<T extends string> = T extends `${string}{${infer H}}${infer R}` ? H | Holes<R> : never;

/** Parameters a hole can name. */
export type Index = ['0', '1', '2', '3', '4', '5', '6', '7'];
export type I8 = Index[number];

/* ----- holes: a place in a decorated call, or a name in a definition ----- */

export type HoleKind = 'place' | 'name';
type NoPlace<H extends string> = `{${H}} is no place in the call: write {0} to {7}, {0.id}, {result.id} or {@name}`;
type NoName<H extends string> = `{${H}} is no name: the holes of a definition are named, like {id} or {page?}`;

type Step<S extends string> = S extends '*'
  ? true
  : S extends '' | `${string}${' ' | ',' | '?' | '*' | '@' | '{'}${string}`
    ? false
    : true;
type Path<P extends string> = P extends `${infer K}.${infer R}` ? (Step<K> extends true ? Path<R> : false) : Step<P>;

/** The sentence that says why H is no place in a call; never when it is one. */
export type WrongPlace<H extends string> = H extends `@${string}?`
  ? `{${H}}: a context hole takes no '?': a missing value must never become a shared key`
  : H extends `@${infer N}`
    ? N extends ''
      ? NoPlace<H>
      : All<N, Plain> extends true
        ? never
        : NoPlace<H>
    : H extends `${string}*${string}?`
      ? `{${H}}: a fan-out takes no '?'`
      : H extends I8 | `${I8}?` | 'result' | 'result?'
        ? never
        : H extends `${I8 | 'result'}.${infer P}?` | `${I8 | 'result'}.${infer P}`
          ? Path<P extends `${infer Q}?` ? Q : P> extends true
            ? never
            : NoPlace<H>
          : NoPlace<H>;

type WrongName<H extends string> = H extends `@${string}`
  ? WrongPlace<H>
  : (H extends `${infer N}?` ? N : H) extends infer N extends string
    ? N extends '' | `${Digit}${string}`
      ? NoName<H>
      : All<N, Word> extends true
        ? never
        : NoName<H>
    : never;

type WrongHole<H extends string, Kind> = H extends unknown
  ? Kind extends 'name'
    ? WrongName<H>
    : WrongPlace<H>
  : never;

/* ----- segments ----- */

/** One piece between commas holds at most one hole, else two ids could run into one another. */
type Crowded<S extends string> = S extends `${infer A},${infer R}`
  ? Crowded<A> extends true
    ? true
    : Crowded<R>
  : S extends `${string}{${string}{${string}`
    ? true
    : false;

type Segment<S extends string, Kind> = S extends ''
  ? 'a segment is empty'
  : NoHoles<S> extends `${string}${'{' | '}'}${string}`
    ? `'${S}': a brace has no partner`
    : All<NoCommas<NoHoles<S>>, Plain> extends true
      ? Crowded<S> extends true
        ? `'${S}': put a comma between two holes`
        : WrongHole<Holes<S>, Kind>
      : `'${S}': outside holes only A-Z a-z 0-9 _ . ~ - and ,`;

type Segments<P extends string[], Kind> = P extends [infer H extends string, ...infer R extends string[]]
  ? Segment<H, Kind> | Segments<R, Kind>
  : never;

type Fixed<S extends string, What extends string> = S extends `${string}{${string}`
  ? `the ${What} '${S}' must be literal: put the hole into the id`
  : Segment<S, 'place'>;

/* ----- templates ----- */

type Twice<T extends string> = T extends `${string}{${infer H}}${infer R}`
  ? H extends `@${string}`
    ? Twice<R>
    : R extends `${string}{${H}}${string}`
      ? `{${H}} stands twice`
      : Twice<R>
  : never;

type Tail = [string] | [string, string];
type WrongKey<T extends string, Kind> = string extends T
  ? 'a template must be a literal'
  : Split<T> extends infer P
    ? P extends ['app', infer S extends string, infer E extends string, ...infer R extends Tail]
      ? Fixed<S, 'service'> | Fixed<E, 'entity'> | Segments<R, Kind>
      : P extends ['app' | 'mesh' | 'coord', ...string[]]
        ? 'a full key reads app:{service}:{entity}:{id}:{field?}'
        : P extends [infer E extends string, ...infer R extends Tail]
          ? Fixed<E, 'entity'> | Segments<R, Kind>
          : 'a template reads entity:{id} or entity:{id}:field'
    : never;
type Wrong<T extends string, Kind> = WrongKey<T, Kind> | (Kind extends 'name' ? Twice<T> : never);

/** The template itself when it is in the grammar, else the sentence that says why not. */
export type Template<T extends string, Kind extends HoleKind = 'place'> = [Wrong<T, Kind>] extends [never]
  ? T
  : NoInfer<Wrong<T, Kind>>;

type WrongNameTemplate<T extends string> = string extends T
  ? 'a template must be a literal'
  : Segments<Split<T>, 'place'>;

/** A lock name, tag or limit key: segments with holes, no fixed number of them. */
export type NameTemplate<T extends string> = [WrongNameTemplate<T>] extends [never] ? T : NoInfer<WrongNameTemplate<T>>;

/** Several of them. */
export type NameTemplates<G extends readonly string[]> = { readonly [I in keyof G]: NameTemplate<G[I]> };
