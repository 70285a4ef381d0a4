import { AsyncLocalStorage } from 'node:async_hooks';
import type { TransactionScope } from '../../core/transactions/transaction.js';
import { TransactionRun } from '../../core/transactions/transaction-run.js';

const runs = new AsyncLocalStorage<TransactionRun>();

/** Follows transactions through asynchronous calls. */
export const asyncTransactions: TransactionScope = {
  current() {
    const run = runs.getStore();
    return run?.isOpen === true ? run : undefined;
  },
};

/** These transactions, and those that a library of the user's knows of. */
export function besides(others: TransactionScope | undefined): TransactionScope {
  if (others === undefined) return asyncTransactions;
  return { current: () => asyncTransactions.current() ?? others.current() };
}

/** A transaction of its own, whatever is around it. */
export async function inNewTransaction<R>(work: () => R | Promise<R>): Promise<R> {
  const run = new TransactionRun();
  try {
    return await runs.run(run, work);
  } finally {
    await run.end();
  }
}

/**
 * Tells the cache that this work is one database transaction: it begins and ends in there. Wrap the call that commits, such
 * as TypeORM's `dataSource.transaction`, Prisma's `$transaction`, Knex's `transaction` or MikroORM's `transactional`; with
 * `@nestjs-cls/transactional` use `afterCommit` instead.
 *
 * Inside, keys that are written, set, evicted, deleted or expired are closed at once: nobody keeps a value of them until the
 * work has ended, and then they are removed, whether it resolved or threw. Nothing that is read inside is kept, and once
 * something was written the cache answers no read of the transaction any more.
 *
 * Within another one it is part of that, as a savepoint is.
 *
 * @example
 * await runInCacheTransaction(() => dataSource.transaction(async (manager) => {
 *   await manager.update(Town, { id }, { name });
 *   await cache.delete(townKey(id)); // goes out after the commit
 * }));
 */
export async function runInCacheTransaction<R>(work: () => R | Promise<R>): Promise<R> {
  return asyncTransactions.current() === undefined ? inNewTransaction(work) : work();
}
