import type { Lock } from './lock.js';

/** Knows which locks the code that runs now is under. Only a framework can follow calls, so it brings this. */
export interface LockScope {
  /** Runs work under a lock, and under those it was called from. */
  run<R>(lock: Lock, work: () => R): R;
  /** Whether the code that runs now is under a lock of this name: then waiting for it would be waiting for itself. */
  isUnder(name: string): boolean;
}
