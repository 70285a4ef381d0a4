import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoadScope } from '../../core/cache/load-scope.js';
import type { Load } from '../../core/cache/load.js';
import { currentRequest } from '../context/request-store.js';
import { asyncTransactions } from '../transactions/async-transactions.js';

/** A load under way, and the one it was called from. */
interface LoadFrame {
  readonly load: Load;
  readonly flight: object;
  readonly outer: LoadFrame | undefined;
}

const frames = new AsyncLocalStorage<LoadFrame>();

/**
 * The load under way, inside a loader or a `@ReadThrough` method and what it awaits. Undefined outside of one, on a hit,
 * and when the method runs undecorated: code that uses it must do without.
 *
 * @example const rows = await fetch(url, { signal: currentLoad()?.signal ?? null });
 */
export function currentLoad(): Load | undefined {
  return frames.getStore()?.load;
}

const isInTransaction = (): boolean => asyncTransactions.current() !== undefined;

/**
 * Follows loads through asynchronous calls. Entered on a miss, never on a hit; a service's loader outside of any request,
 * transaction or load is not followed, because up to Node 22 the first use of AsyncLocalStorage slows every promise of the process.
 */
export const asyncLoadScope: LoadScope = {
  run({ flight, isMethod }, load, work) {
    const outer = frames.getStore();
    const isFollowed = isMethod || outer !== undefined || currentRequest() !== undefined || isInTransaction();
    return isFollowed ? frames.run({ load, flight, outer }, work) : work();
  },
  isWithin(flight) {
    for (let frame = frames.getStore(); frame !== undefined; frame = frame.outer) {
      if (frame.flight === flight) return true;
    }
    return false;
  },
  isLoading(key) {
    for (let frame = frames.getStore(); frame !== undefined; frame = frame.outer) {
      if (frame.load.key === key) return true;
    }
    return false;
  },
};
