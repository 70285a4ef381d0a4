import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';
import { type LockOptions, termsOf } from './lock-options.js';
import type { Holding } from './holding.js';
import type { Lock } from './lock.js';
import type { TryOutcome } from './locks.js';
import { noRoom, type PermitShare } from './permit-claim.js';
import type { Permits } from './permits.js';

/** How permits are taken. They are never replicated: a failover may let in as many again. */
export type PermitOptions = Pick<LockOptions, 'ttl' | 'wait' | 'signal'>;

/** A way in for a limited number of holders in the whole fleet: first come, first served. */
export interface Semaphore {
  /**
   * Runs the work when there is room, and makes room again whatever becomes of it.
   * @throws {LockTimeoutError} when there was none within `wait`; the work did not run.
   * @throws {LockLostError} when the work succeeded, but somebody else may have had its room meanwhile.
   * @throws what the work throws, unchanged.
   */
  run<T>(work: (lock: Lock) => Promise<T>, options?: PermitOptions): Promise<T>;
  /** Runs the work if there is room now. */
  tryRun<T>(work: (lock: Lock) => Promise<T>, options?: Omit<PermitOptions, 'wait'>): Promise<TryOutcome<T>>;
  /** Room that the caller gives back. @throws {LockTimeoutError} when there was none within `wait`. */
  acquire(options?: PermitOptions): Promise<Lock>;
}

/** Of one name, for shares of this weight. */
export class SharedSemaphore implements Semaphore {
  constructor(
    private readonly permits: Permits,
    private readonly share: PermitShare,
  ) {}

  async run<T>(work: (lock: Lock) => Promise<T>, options?: PermitOptions): Promise<T> {
    return whileHeld(await this.acquire(options), work);
  }

  async tryRun<T>(work: (lock: Lock) => Promise<T>, options?: Omit<PermitOptions, 'wait'>): Promise<TryOutcome<T>> {
    const lock = await this.permits.acquire(this.share, termsOf({ ...options, wait: 0 }));
    return lock === undefined ? { ran: false } : { ran: true, value: await whileHeld(lock, work) };
  }

  async acquire(options?: PermitOptions): Promise<Holding> {
    const terms = termsOf(options);
    const lock = await this.permits.acquire(this.share, terms);
    if (lock === undefined) throw noRoom(this.share, terms.wait);
    return lock;
  }
}

async function whileHeld<T>(lock: Holding, work: (lock: Lock) => Promise<T>): Promise<T> {
  try {
    const value = await work(lock);
    if (!lock.isReleased) lock.assertHeld();
    return value;
  } finally {
    await lock.release();
  }
}

/** More holders than this make one name too large a value. */
const MOST_PERMITS = 10_000;

/** @throws {CacheConfigError} for a number of permits that cannot be one. */
export function semaphore(permits: Permits, name: string, count: number): Semaphore {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PERMITS) {
    return new SharedSemaphore(permits, { name, weight: 1, capacity: count });
  }
  throw new CacheConfigError(
    `permits of a semaphore: ${shown(count)} is not a number of permits. Write a whole number from 1 to ${MOST_PERMITS}.`,
  );
}

/** Many read or one writes. A writer that waits holds back the readers behind it, so it is never starved. */
export interface ReadWriteLock {
  readonly read: Semaphore;
  readonly write: Semaphore;
}

export function readWriteLock(permits: Permits, name: string): ReadWriteLock {
  const share = (weight: number) => new SharedSemaphore(permits, { name, weight, capacity: MOST_PERMITS });
  return { read: share(1), write: share(MOST_PERMITS) };
}
