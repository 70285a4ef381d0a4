import { describe, expect, it } from 'vitest';
import { gate } from '../../../../../test/support/gate.js';
import { CacheConfigError } from '../../core/errors.js';
import { TransactionRun } from '../../core/transactions/transaction-run.js';
import { afterCommit } from './after-commit.js';
import { asyncTransactions, besides, inNewTransaction, runInCacheTransaction } from './async-transactions.js';

describe('runInCacheTransaction', () => {
  it('is one transaction for all that runs inside, and none outside', async () => {
    expect(asyncTransactions.current()).toBeUndefined();
    await runInCacheTransaction(async () => {
      const first = asyncTransactions.current();
      await Promise.resolve();
      expect(first).toBeDefined();
      expect(asyncTransactions.current()).toBe(first);
    });
    expect(asyncTransactions.current()).toBeUndefined();
  });

  it('waits for what is due at the end, whether the work resolves or throws', async () => {
    const log: string[] = [];
    const due = async (work: () => Promise<string>) =>
      runInCacheTransaction(async () => {
        asyncTransactions.current()?.onEnd(async () => {
          await Promise.resolve();
          log.push('told');
        });
        return work();
      });
    expect(await due(async () => 'saved')).toBe('saved');
    await expect(due(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(log).toEqual(['told', 'told']);
  });

  it('is part of the one around it, where a new one is not', async () => {
    await runInCacheTransaction(async () => {
      const outer = asyncTransactions.current();
      await runInCacheTransaction(() => expect(asyncTransactions.current()).toBe(outer));
      await inNewTransaction(() => expect(asyncTransactions.current()).not.toBe(outer));
      expect(asyncTransactions.current()).toBe(outer);
    });
  });

  it('is over for work that outlives it', async () => {
    const over = gate();
    let late: Promise<unknown> = Promise.resolve();
    await runInCacheTransaction(() => {
      late = over.promise.then(() => asyncTransactions.current());
    });
    over.open();
    expect(await late).toBeUndefined();
  });

  it('hands on what its work throws at once', async () => {
    await expect(
      runInCacheTransaction(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
  });
});

it('asks the scope of another library where there is none of our own', async () => {
  const theirs = new TransactionRun();
  const scope = besides({ current: () => theirs });
  expect(scope.current()).toBe(theirs);
  await runInCacheTransaction(() => expect(scope.current()).toBe(asyncTransactions.current()));
  expect(besides(undefined)).toBe(asyncTransactions);
});

describe('afterCommit', () => {
  class Connection {}

  /** As the adapters of the plugin are: with fields of its own. */
  class Adapter {
    readonly connectionToken = Connection;
    #ready = 0;

    readonly optionsFactory = (connection: string) => ({
      connection,
      wrapWithTransaction: async (_options: unknown, work: () => Promise<unknown>) => work(),
      getFallbackInstance: () => connection,
    });

    onModuleInit(): number {
      this.#ready += 1;
      return this.#ready;
    }
  }

  it('makes a transaction of each that the adapter wraps', async () => {
    const { wrapWithTransaction } = afterCommit(new Adapter()).optionsFactory('pool');
    const current = () => Promise.resolve(asyncTransactions.current());
    await runInCacheTransaction(async () => {
      const inner = await wrapWithTransaction({}, current);
      expect(inner).toBeInstanceOf(TransactionRun);
      expect(inner).not.toBe(asyncTransactions.current());
    });
  });

  it('leaves the rest of the adapter as it is', () => {
    const adapter = afterCommit(new Adapter());
    expect(adapter).toBeInstanceOf(Adapter);
    expect(adapter.connectionToken).toBe(Connection);
    expect([adapter.onModuleInit(), adapter.onModuleInit()]).toEqual([1, 2]);
    expect(adapter.optionsFactory('pool').getFallbackInstance()).toBe('pool');
  });

  it.each([undefined, null, {}, 'knex'])('refuses %o', (adapter) => {
    expect(() => afterCommit(adapter as object)).toThrow(CacheConfigError);
    expect(() => afterCommit(adapter as object)).toThrow('is no adapter of @nestjs-cls/transactional');
  });
});
