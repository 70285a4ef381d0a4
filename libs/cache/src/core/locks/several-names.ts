import { CacheConfigError } from '../errors.js';
import type { Clock } from '../shared/clock.js';
import { type LockOptions, termsOf } from './lock-options.js';
import type { Lock } from './lock.js';
import type { Locks } from './locks.js';

/** Several names that are held at once. */
export interface LockSet {
  /** In the order in which they were taken. */
  readonly locks: readonly Lock[];
  /** The fencing token of one of the names. @throws {CacheConfigError} for a name that is not held. */
  token(name: string): bigint;
  /** Aborts when one of them is lost. */
  readonly signal: AbortSignal;
  /** @throws {LockLostError} for the first that is lost. */
  assertHeld(): void;
}

/** More than these at once is a design that should lock something larger. */
const MOST_NAMES = 16;

/**
 * Runs the work under all names, or not at all. They are taken one after the other in the order of their characters, which
 * is the same in every process, so that two callers with names in common cannot wait for each other; what was taken is
 * given back when one of them is not to be had. `wait` is for all of them together.
 * @throws as `Locks.run`, for whichever name it was.
 */
export function runUnderAll<T>(
  { locks, clock }: { readonly locks: Pick<Locks, 'run'>; readonly clock: Clock },
  { names, options }: { readonly names: readonly string[]; readonly options?: LockOptions | undefined },
  work: (held: LockSet) => Promise<T>,
): Promise<T> {
  const sorted = [...new Set(names)].toSorted();
  if (sorted.length === 0 || sorted.length > MOST_NAMES) return Promise.reject(wrongCount(sorted.length));
  const end = clock.now() + termsOf(options).wait;
  const take = (held: readonly Lock[]): Promise<T> => {
    const name = sorted[held.length];
    if (name === undefined) return work(new HeldLocks(held));
    const wait = Math.max(0, end - clock.now());
    return locks.run(name, (lock) => take([...held, lock]), { ...options, wait });
  };
  return take([]);
}

class HeldLocks implements LockSet {
  constructor(readonly locks: readonly Lock[]) {}

  get signal(): AbortSignal {
    return AbortSignal.any(this.locks.map(({ signal }) => signal));
  }

  token(name: string): bigint {
    const lock = this.locks.find((one) => one.name === name);
    if (lock !== undefined) return lock.token;
    const held = this.locks.map((one) => `'${one.name}'`).join(', ');
    throw new CacheConfigError(`the lock '${name}' is not among those that are held: ${held}.`);
  }

  assertHeld(): void {
    for (const lock of this.locks) lock.assertHeld();
  }
}

function wrongCount(count: number): CacheConfigError {
  return new CacheConfigError(
    `names of locks: ${count} at once cannot be taken. Name 1 to ${MOST_NAMES}, or lock what holds them all.`,
  );
}
