import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attempt } from '../../core/retries/attempt.js';

const attempts = new AsyncLocalStorage<Attempt>();

/**
 * The attempt under way, inside a `@Retried` method and what it awaits. Undefined outside of one, and when the method
 * runs undecorated: code that uses it must do without.
 *
 * @example const rows = await fetch(url, { signal: currentAttempt()?.signal ?? null });
 */
export function currentAttempt(): Attempt | undefined {
  return attempts.getStore();
}

/** Runs one attempt of a decorated method. */
export function runAttempt<R>(attempt: Attempt, work: () => R): R {
  return attempts.run(attempt, work);
}
