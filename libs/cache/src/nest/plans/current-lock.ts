import { AsyncLocalStorage } from 'node:async_hooks';
import type { Lock } from '../../core/locks/lock.js';
import type { LockScope, ScopedLock } from '../../core/locks/lock-scope.js';

/** A lock, and the one around it. */
interface LockFrame {
  readonly lock: ScopedLock;
  readonly outer: LockFrame | undefined;
}

const frames = new AsyncLocalStorage<LockFrame>();

/**
 * The innermost lock that the code runs under, inside a `@Locked` method, the work of `LockService.run` and what they
 * await. Undefined outside of one, and when the method runs undecorated: code that uses it must do without.
 *
 * @example await db.query('UPDATE cities SET … WHERE id = $1 AND fence <= $2', [id, currentLock()?.token]);
 */
export function currentLock(): Lock | undefined {
  return frames.getStore()?.lock;
}

/** Follows locks through asynchronous calls. */
export const asyncLockScope: LockScope = {
  run(lock, work) {
    return frames.run({ lock, outer: frames.getStore() }, work);
  },
  isUnder(name) {
    for (let frame = frames.getStore(); frame !== undefined; frame = frame.outer) {
      if (frame.lock.name === name && !frame.lock.isReleased) return true;
    }
    return false;
  },
};
