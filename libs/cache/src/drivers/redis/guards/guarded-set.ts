import { CacheConfigError } from '../../../core/errors.js';
import { duration, type Duration } from '../../../core/shared/duration.js';
import { shown } from '../../../core/shared/shown.js';
import { GUARDED_SET } from './guarded-set.script.js';

/** Of a Redis client what a guarded write takes: ioredis has it, for one server and for a cluster. */
export interface EvalClient {
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
}

export interface GuardedWrite {
  readonly key: string;
  readonly value: string;
  /** Of the lock under which is written. */
  readonly token: bigint;
  /**
   * After this the value is gone, and with it the memory of who wrote it last: longer than any process may be paused.
   * Absent: it stays.
   */
  readonly ttl?: Duration | undefined;
}

/** Tokens are compared as Lua's numbers, which are exact up to here; those of our locks reach it in the year 2255. */
const LARGEST_TOKEN = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Writes a value of your own in Redis unless a later holder of the lock has written it: the key is a hash with the fields
 * `value` and `fence`, so `HGET key value` reads it. Needs no time limit of its own: however late it arrives, it does not
 * pass a later holder.
 *
 * ```ts
 * const written = await guardedSet(redis, { key: 'report:2030', value: text, token: lock.token });
 * if (!written) throw new Error('somebody else has the lock by now');
 * ```
 * @param client ioredis, or what has its `eval`
 * @returns false when the token is lower than the one stored; nothing was changed then.
 * @throws {CacheConfigError} for a token or ttl that cannot be one. What the client throws: then nobody knows.
 */
export async function guardedSet(client: EvalClient, { key, value, token, ttl }: GuardedWrite): Promise<boolean> {
  if (typeof token !== 'bigint' || token < 0n || token > LARGEST_TOKEN) {
    throw new CacheConfigError(`guardedSet: ${shown(token)} is no fencing token. Pass the token of a lock, a bigint.`);
  }
  const ms = ttl === undefined ? 0 : Math.ceil(duration(ttl, 'ttl of guardedSet'));
  if (ttl !== undefined && ms === 0) {
    throw new CacheConfigError(
      'guardedSet: a ttl of 0 keeps nothing. Leave it out, or write how long the value stays.',
    );
  }
  return (await client.eval(GUARDED_SET, 1, key, String(token), value, ms)) === 1;
}
