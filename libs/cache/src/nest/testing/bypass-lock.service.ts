import { Leader, type LeaderWork } from '../../core/locks/leader.js';
import type { Leadership } from '../../core/locks/leaders.js';
import type { Lock } from '../../core/locks/lock.js';
import type { TryOutcome } from '../../core/locks/locks.js';
import type { ReadWriteLock, Semaphore } from '../../core/locks/semaphore.js';
import { lockSet, sortedNames, type LockSet } from '../../core/locks/several-names.js';
import { SystemClock } from '../../core/shared/system-clock.js';
import { LockService } from '../services/lock.service.js';

/** Locks that everybody gets at once. */
export class BypassLockService extends LockService {
  readonly #clock = new SystemClock();
  #token = 0n;

  async run<T>(name: string, work: (lock: Lock) => Promise<T>): Promise<T> {
    return work(await this.acquire(name));
  }

  async tryRun<T>(name: string, work: (lock: Lock) => Promise<T>): Promise<TryOutcome<T>> {
    return { ran: true, value: await this.run(name, work) };
  }

  async acquire(name: string): Promise<Lock> {
    this.#token += 1n;
    const { signal } = new AbortController();
    return {
      name,
      token: this.#token,
      signal,
      durability: 'local',
      assertHeld: () => undefined,
      release: async () => undefined,
    };
  }

  async runAll<T>(names: readonly string[], work: (held: LockSet) => Promise<T>): Promise<T> {
    return work(lockSet(await Promise.all(sortedNames(names).map((name) => this.acquire(name)))));
  }

  semaphore(name: string): Semaphore {
    return {
      run: (work) => this.run(name, work),
      tryRun: (work) => this.tryRun(name, work),
      acquire: () => this.acquire(name),
    };
  }

  readWrite(name: string): ReadWriteLock {
    return { read: this.semaphore(name), write: this.semaphore(name) };
  }

  /** Leads at once. */
  leader(name: string, work: LeaderWork): Leadership {
    return new Leader(name, { work }, { locks: this, clock: this.#clock, failed: () => undefined });
  }
}
