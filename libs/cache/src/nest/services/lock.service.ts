import type { Lock } from '../../core/locks/lock.js';
import type { Leadership } from '../../core/locks/leaders.js';
import type { LeaderOptions, LeaderWork } from '../../core/locks/leader.js';
import type { LockOptions } from '../../core/locks/lock-options.js';
import type { TryOutcome } from '../../core/locks/locks.js';
import type { ReadWriteLock, Semaphore } from '../../core/locks/semaphore.js';
import type { LockSet } from '../../core/locks/several-names.js';

/**
 * Locks by name, of all processes of the service together. First come, first served within a process, and among the
 * processes that wait. A lock is renewed for as long as it is held.
 *
 * A lock alone cannot keep a process that was paused from going on too late. Where that does harm, hand `lock.token` to
 * what the lock protects, and pass `lock.signal` to whatever takes long.
 */
export abstract class LockService {
  /**
   * Runs the work under the lock. What the work throws is passed on unchanged.
   *
   * @example await locks.run(`city:${id}`, async (lock) => save(city, lock.token));
   * @throws {LockTimeoutError} when the lock was not free within `wait`; the work did not run.
   * @throws {LockNotReplicatedError} when too few replicas confirmed it; the work did not run.
   * @throws {LockLostError} when the work succeeded, but the lock may have passed to somebody else before it did.
   * @throws {CacheConfigError} for a wrong name or option, and for work that asks for the lock it runs under.
   */
  abstract run<T>(name: string, work: (lock: Lock) => Promise<T>, options?: LockOptions): Promise<T>;

  /** As `run`, but where the lock is busy the work does not run, and nobody waits. */
  abstract tryRun<T>(
    name: string,
    work: (lock: Lock) => Promise<T>,
    options?: Omit<LockOptions, 'wait'>,
  ): Promise<TryOutcome<T>>;

  /** The lock itself, until it is released. @throws as `run`. */
  abstract acquire(name: string, options?: LockOptions): Promise<Lock>;

  /**
   * Runs the work under several locks at once, or not at all; callers with names in common cannot wait for each other. On
   * one server, and on a cluster where the names have one part in braces in common (`{account}:7`, `{account}:8`), all are
   * taken in one step and nothing is held meanwhile; else one after the other, in the order of their characters. `wait`,
   * `atLeast` and `signal` are for all of them together.
   *
   * @example await locks.runAll([from, to], (held) => transfer(held.token(from), held.token(to)));
   * @throws as `run`, for whichever name it was; {CacheConfigError} for none, or more than 16.
   */
  abstract runAll<T>(names: readonly string[], work: (held: LockSet) => Promise<T>, options?: LockOptions): Promise<T>;

  /**
   * Room for so many at a time in the fleet, first come, first served. Whoever asked last decides how many there are.
   *
   * @example await locks.semaphore('exports', { permits: 3 }).run(() => exportAll());
   * @throws {CacheConfigError} unless `permits` is a whole number from 1 to 10,000.
   */
  abstract semaphore(name: string, options: { readonly permits: number }): Semaphore;

  /** Many readers or one writer. A writer that waits holds back the readers behind it. */
  abstract readWrite(name: string): ReadWriteLock;

  /**
   * Stands for the leadership of a name: of all processes that do, one runs the work, and the next one when it stops or
   * dies. The leadership is handed over when the application shuts down.
   *
   * @param work runs as long as it wants to lead and ends soon after its signal; it is run anew at every election.
   * What it throws is told as the event `leader-failed`.
   * @throws {CacheConfigError} for a wrong name or option.
   * @example const leading = locks.leader('reports', async ({ signal, token }) => reports.run({ signal, token }));
   */
  abstract leader(name: string, work: LeaderWork, options?: LeaderOptions): Leadership;
}
