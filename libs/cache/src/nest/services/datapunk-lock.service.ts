import type { LeaderOptions, LeaderWork } from '../../core/locks/leader.js';
import type { Leaders, Leadership } from '../../core/locks/leaders.js';
import type { Lock } from '../../core/locks/lock.js';
import type { LockOptions } from '../../core/locks/lock-options.js';
import type { Locks, TryOutcome } from '../../core/locks/locks.js';
import type { Permits } from '../../core/locks/permits.js';
import { readWriteLock, semaphore, type ReadWriteLock, type Semaphore } from '../../core/locks/semaphore.js';
import type { LockSet } from '../../core/locks/several-names.js';
import { LockService } from './lock.service.js';

/** What the service stands on. */
export interface LockServiceParts {
  readonly locks: Locks;
  readonly permits: Permits;
  readonly leaders: Leaders;
}

/** The service over the core's locks. */
export class DatapunkLockService extends LockService {
  #isUsed = false;

  /** @param firstUse told once, when the first lock is asked for */
  constructor(
    private readonly parts: LockServiceParts,
    private readonly firstUse: () => void,
  ) {
    super();
  }

  run<T>(name: string, work: (lock: Lock) => Promise<T>, options?: LockOptions): Promise<T> {
    return this.#used().locks.run(name, work, options);
  }

  tryRun<T>(
    name: string,
    work: (lock: Lock) => Promise<T>,
    options?: Omit<LockOptions, 'wait'>,
  ): Promise<TryOutcome<T>> {
    return this.#used().locks.tryRun(name, work, options);
  }

  acquire(name: string, options?: LockOptions): Promise<Lock> {
    return this.#used().locks.acquire(name, options);
  }

  runAll<T>(names: readonly string[], work: (held: LockSet) => Promise<T>, options?: LockOptions): Promise<T> {
    return this.#used().locks.runAll(names, work, options);
  }

  semaphore(name: string, { permits }: { readonly permits: number }): Semaphore {
    return semaphore(this.#used().permits, name, permits);
  }

  readWrite(name: string): ReadWriteLock {
    return readWriteLock(this.#used().permits, name);
  }

  leader(name: string, work: LeaderWork, options?: LeaderOptions): Leadership {
    return this.#used().leaders.stand(name, work, options);
  }

  #used(): LockServiceParts {
    if (!this.#isUsed) {
      this.#isUsed = true;
      this.firstUse();
    }
    return this.parts;
  }
}
