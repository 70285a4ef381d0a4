import type { Durability } from './lock-engine.js';

/** A lock that is held. */
export interface Lock {
  readonly name: string;
  /**
   * The fencing token: higher than that of every holder before. Hand it to what the lock protects, which refuses a write
   * whose token is below the highest it has seen: no lock can keep a process from being paused at the wrong moment.
   */
  readonly token: bigint;
  /** Aborts with a `LockLostError` before the lock can be given to somebody else. Pass it on to whatever takes long. */
  readonly signal: AbortSignal;
  /** What has confirmed the lock; see `LockOptions.durability`. */
  readonly durability: Durability;
  /**
   * Compares clocks, at once: ask before a step that cannot be undone. Sees what `signal` cannot tell yet, because the
   * event loop was blocked.
   * @throws {LockLostError}
   */
  assertHeld(): void;
  /**
   * Lets the next one in. Never rejects. Returns at once where the lock was lost; whatever is left to do is done in the
   * background.
   */
  release(): Promise<void>;
}
