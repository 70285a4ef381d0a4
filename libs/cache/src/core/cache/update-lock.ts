import { CacheError, LockTimeoutError } from '../errors.js';
import type { LockOptions } from '../locks/lock-options.js';
import type { CacheParts } from './parts.js';

/** A replica that lags makes the lock of an update weaker, and no update fail. */
const UPDATE_LOCK: LockOptions = { wait: 5_000, whenUndurable: 'local' };

/**
 * Runs an update alone under the lock of its key. That lock is waited for as long as somebody else has it, and not while
 * nobody could say who has: the shared layer is asked beside it, and where that gives no answer in time the lock has none.
 * @throws {LockTimeoutError} when it was not free in time, or could not be asked for; the update did not run.
 */
export function underUpdateLock<T>(
  id: string,
  work: () => Promise<T>,
  { locks, keys, locksAnswer }: Pick<CacheParts, 'locks' | 'keys' | 'locksAnswer'>,
): Promise<T> {
  const name = keys.full(id);
  if (locksAnswer === undefined) return locks.run(name, work, UPDATE_LOCK);
  const waiting = new AbortController();
  locksAnswer(id).catch((error: unknown) => {
    // Above the budget of operations Redis is there all the same.
    if (!(error instanceof CacheError && error.code === 'OVERLOAD')) waiting.abort(unanswered(name, error));
  });
  return locks.run(name, work, { ...UPDATE_LOCK, signal: waiting.signal });
}

function unanswered(name: string, cause: unknown): LockTimeoutError {
  return new LockTimeoutError(
    `The lock '${name}' could not be asked for, because Redis does not answer, and the update did not run. Try again when it answers.`,
    { key: name, cause },
  );
}
