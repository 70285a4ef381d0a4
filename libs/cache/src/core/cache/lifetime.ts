import { CacheConfigError, CacheError } from '../errors.js';
import { duration, type Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';

/** How long a value is fresh: a duration above 0, or for ever. */
export type Lifetime = Duration | 'forever';

/**
 * Finds the lifetime of one value, such as that of a token that says itself when it ends. `undefined`: as without it.
 * The parameter is written with its type: `(token: Token) => …`.
 */
export type LifetimeOf = (value: never) => Lifetime | undefined;

/** What the rules of a call say of lifetimes, in milliseconds. `Infinity`: for ever. */
export interface Lifetimes {
  readonly ttl: number;
  /** Of a cached nothing. `undefined`: as any value. */
  readonly nullTtl: number | undefined;
  /** Asked for every value but null. */
  readonly ttlOf: LifetimeOf | undefined;
}

/**
 * Milliseconds of a lifetime; `Infinity`: for ever.
 * @throws {CacheConfigError}
 */
export function lifetime(ttl: Lifetime, option: string): number {
  return ttl === 'forever'
    ? Number.POSITIVE_INFINITY
    : positiveDuration(ttl, option, " A value that never ends is 'forever'.");
}

/** @throws {CacheConfigError} also for 0 */
export function positiveDuration(value: Duration, option: string, hint = ''): number {
  const ms = duration(value, option);
  if (ms > 0) return ms;
  throw new CacheConfigError(`${option}: ${shown(value)} is not above 0.${hint}`);
}

/**
 * Milliseconds that this value is fresh.
 * @throws {CacheConfigError} when the function for it throws, or gives what is no lifetime.
 */
export function lifetimeOf({ ttl, nullTtl, ttlOf }: Lifetimes, value: unknown): number {
  if (value === null) return nullTtl ?? ttl;
  if (ttlOf === undefined) return ttl;
  const found = ask(ttlOf, value);
  return found === undefined ? ttl : lifetime(found, 'ttl: what its function gave');
}

function ask(ttlOf: LifetimeOf, value: unknown): Lifetime | undefined {
  try {
    return ttlOf(value as never);
  } catch (cause) {
    if (cause instanceof CacheError) throw cause;
    throw new CacheConfigError('ttl: the function that finds the lifetime of a value threw', { cause });
  }
}
