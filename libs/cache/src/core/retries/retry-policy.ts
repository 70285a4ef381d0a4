import { CacheConfigError } from '../errors.js';
import { duration, type Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';
import { isTransient } from './is-transient.js';

/** When and how often a failed call is made again. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. Default 3. */
  attempts?: number | undefined;
  /** How long the call may take in all, delays included; no attempt starts that cannot end before. Default `'30s'`. */
  deadline?: Duration | undefined;
  delay?:
    | {
        /** The first delay is drawn from 0 to this; the bound doubles with every retry. Default `'100ms'`. */
        base?: Duration | undefined;
        /** The bound grows no further than this. Default `'5s'`. */
        max?: Duration | undefined;
      }
    | undefined;
  /**
   * Which errors are worth another attempt; these count against the backend, others do not. What it throws counts as
   * `false`. Default: all but wrong use of this package, an open circuit, and 4xx other than 408, 425 and 429.
   */
  retryIf?: ((error: unknown) => boolean) | undefined;
  /** Whether calls fail at once while the backend does. Default `true`. */
  breaker?: boolean | undefined;
}

/** A policy for one call. */
export interface RetryOptions extends RetryPolicy {
  /** Ends the call: it rejects with the signal's reason, and no further attempt is made. */
  signal?: AbortSignal | undefined;
}

/** Bounds of the delays, ms. */
export interface DelayRange {
  readonly base: number;
  readonly max: number;
}

export interface ResolvedRetryPolicy {
  readonly attempts: number;
  /** Ms. */
  readonly deadline: number;
  readonly delay: DelayRange;
  readonly retryIf: (error: unknown) => boolean;
  readonly breaker: boolean;
}

const ATTEMPTS = 3;
const DEADLINE: Duration = '30s';
const BASE: Duration = '100ms';
const MAX: Duration = '5s';

/** @throws {CacheConfigError} for what the compiler would have refused. `where` begins the message. */
export function resolveRetryPolicy(policy: RetryPolicy, where: string): ResolvedRetryPolicy {
  const { attempts = ATTEMPTS, deadline = DEADLINE, delay = {}, retryIf = isTransient, breaker = true } = policy;
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw wrong(`${where}.attempts`, attempts, 'write a whole number above 0; the first attempt counts');
  }
  if (typeof retryIf !== 'function') throw wrong(`${where}.retryIf`, retryIf, 'write a function of the error');
  if (typeof breaker !== 'boolean') throw wrong(`${where}.breaker`, breaker, 'write true or false');
  const base = duration(delay.base ?? BASE, `${where}.delay.base`);
  const max = duration(delay.max ?? MAX, `${where}.delay.max`);
  const bound = duration(deadline, `${where}.deadline`);
  if (bound === 0) throw wrong(`${where}.deadline`, deadline, 'a call needs some time');
  // A base beyond the longest delay is one delay for all retries.
  return { attempts, deadline: bound, delay: { base: Math.min(base, max), max }, retryIf, breaker };
}

function wrong(path: string, value: unknown, remedy: string): CacheConfigError {
  return new CacheConfigError(`${path}: ${shown(value)} is not valid: ${remedy}.`);
}
