import type { Lock } from './lock.js';

export interface ScopedLock extends Lock {
  /** Its holder has given it back, though code that ran under it may go on. */
  readonly isReleased: boolean;
}

/** Knows which locks the code that runs now is under. Only a framework can follow calls, so it brings this. */
export interface LockScope {
  /** Runs work under a lock, and under those it was called from. */
  run<R>(lock: ScopedLock, work: () => R): R;
  /**
   * Whether the code that runs now is under a lock of this name that is not released: then waiting for it would be waiting
   * for itself.
   */
  isUnder(name: string): boolean;
}
