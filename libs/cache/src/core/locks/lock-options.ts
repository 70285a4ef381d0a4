import { CacheConfigError } from '../errors.js';
import { duration, type Duration } from '../shared/duration.js';
import { shown } from '../shared/shown.js';
import type { Durability } from './lock-engine.js';

/** How a lock is taken. */
export interface LockOptions {
  /**
   * How long the lock outlives a process that died. A living one renews it as long as its work takes. At least 200 ms;
   * default `'30s'`.
   */
  ttl?: Duration | undefined;
  /** How long to wait for it. 0: one try. Default `'5s'`. */
  wait?: Duration | undefined;
  /**
   * It stays held this long though the work was done before, so that a process with a late clock does not do it again.
   * Nobody waits for that. Default 0.
   */
  atLeast?: Duration | undefined;
  /**
   * `'replicated'`: the replicas of the server have confirmed the lock, so a failover cannot give it to a second holder.
   * `'local'`: faster, and may be lost in a failover. Default: `'replicated'` where the server has replicas.
   */
  durability?: Durability | undefined;
  /**
   * When too few replicas confirm: `'refuse'` (default) throws `LockNotReplicatedError`, `'local'` takes the lock all the
   * same, and `lock.durability` says so.
   */
  whenUndurable?: 'refuse' | 'local' | undefined;
  /** Ends the waiting with the signal's reason. A lock that is held stays held. */
  signal?: AbortSignal | undefined;
}

/** The same in milliseconds, with the defaults filled in. */
export interface LockTerms {
  readonly ttl: number;
  readonly wait: number;
  readonly atLeast: number;
  readonly durability: Durability | undefined;
  readonly whenUndurable: 'refuse' | 'local';
  readonly signal: AbortSignal | undefined;
}

const SHORTEST_TTL_MS = 200;
const DEFAULT_TTL_MS = 30_000;
const DEFAULT_WAIT_MS = 5_000;

const DEFAULT_TERMS: LockTerms = Object.freeze({
  ttl: DEFAULT_TTL_MS,
  wait: DEFAULT_WAIT_MS,
  atLeast: 0,
  durability: undefined,
  whenUndurable: 'refuse',
  signal: undefined,
});

/** @throws {CacheConfigError} naming the option, the value and what to write. */
export function termsOf(options: LockOptions | undefined): LockTerms {
  if (options === undefined) return DEFAULT_TERMS;
  const { ttl, wait, atLeast, durability, whenUndurable = 'refuse', signal } = options;
  const terms = {
    ttl: spanOf('ttl', ttl, DEFAULT_TTL_MS),
    wait: spanOf('wait', wait, DEFAULT_WAIT_MS),
    atLeast: spanOf('atLeast', atLeast, 0),
    durability: durability === undefined ? undefined : oneOf('durability', durability, ['local', 'replicated']),
    whenUndurable: oneOf('whenUndurable', whenUndurable, ['refuse', 'local']),
    signal,
  };
  if (terms.ttl >= SHORTEST_TTL_MS) return terms;
  throw new CacheConfigError(
    `ttl of a lock: ${shown(ttl)} is too short to be renewed in time. Write at least ${SHORTEST_TTL_MS} ms; a short ttl is only about processes that die.`,
  );
}

function spanOf(option: string, value: Duration | undefined, otherwise: number): number {
  return value === undefined ? otherwise : duration(value, `${option} of a lock`);
}

function oneOf<T extends string>(option: string, value: T, words: readonly T[]): T {
  if (words.includes(value)) return value;
  throw new CacheConfigError(
    `${option} of a lock: ${shown(value)} is not known. Write ${words.map((word) => `'${word}'`).join(' or ')}.`,
  );
}
