/** A database transaction, as far as the cache has to know it. */
export interface Transaction {
  /**
   * Has this run as soon as the transaction has ended: committed, rolled back, or nobody knows which. Whoever ends it waits
   * for that. `run` is bounded in time and does not reject.
   */
  onEnd(run: () => Promise<void>): void;
}

/** Knows which transaction the code that runs now is part of. */
export interface TransactionScope {
  /** The same object each time it is asked within one transaction; nothing once that has ended. Must not throw. */
  current(): Transaction | undefined;
}
