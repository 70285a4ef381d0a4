import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { Transaction, TransactionScope } from '../transactions/transaction.js';
import type { WriteThrough } from './write-through.js';

/** A key that is closed until the end of a transaction. */
interface Closed {
  readonly level: ConsistencyLevel | undefined;
  /** Resolves when everybody was told that the key is about to change. */
  readonly told: Promise<void>;
}

/** What a transaction has changed so far. */
interface Changes {
  /** By key: many writes of one are one. */
  readonly begun: Map<string, Closed>;
  /** Resolves when the key is removed everywhere. */
  readonly done: Promise<unknown>[];
  readonly end: () => void;
  readonly ended: Promise<void>;
}

/**
 * What the code of a database transaction does to the cache. A key that it changes is closed at once and removed when the
 * transaction has ended, whatever became of it: in between others go on to see the old row, which nobody may keep, and
 * the new value may never come true, so that is not kept either.
 */
export class TransactionWrites {
  /** Of the transactions that are open and have changed something. */
  readonly #changes = new WeakMap<Transaction, Changes>();
  #open = 0;

  constructor(
    private readonly scope: TransactionScope | undefined,
    private readonly writes: Pick<WriteThrough, 'remove'>,
  ) {}

  /**
   * Whether the code that runs now is part of a transaction that has written: what the cache holds is not what that
   * transaction sees. While there is none in this process the question costs one comparison.
   */
  hides(): boolean {
    if (this.#open === 0) return false;
    const transaction = this.scope?.current();
    return transaction !== undefined && this.#changes.has(transaction);
  }

  /**
   * Closes keys until the end of the transaction that the code is part of. Resolves when others know; `undefined`: there is
   * no transaction, and nothing was done.
   * @throws {CacheConsistencyError} `rejected`, where a key is strict: nothing may be saved then.
   */
  hold(ids: readonly string[], level?: ConsistencyLevel): Promise<void> | undefined {
    const transaction = this.scope?.current();
    if (transaction === undefined) return undefined;
    const changes = this.#changes.get(transaction) ?? this.#first(transaction);
    return Promise.all(ids.map((id) => this.#closed(id, changes, level))).then(() => undefined);
  }

  /**
   * Has this run when the transaction has ended that the code is part of, whatever became of it; until then the
   * transaction reads past the cache. `false`: there is no transaction, and nothing was done. What it rejects with is
   * nobody's: who has ended the transaction can do nothing about it.
   */
  holdBack(run: () => Promise<void>): boolean {
    const transaction = this.scope?.current();
    if (transaction === undefined) return false;
    const { ended, done } = this.#changes.get(transaction) ?? this.#first(transaction);
    done.push(ended.then(run));
    return true;
  }

  #first(transaction: Transaction): Changes {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const changes: Changes = { begun: new Map(), done: [], end, ended };
    this.#changes.set(transaction, changes);
    this.#open += 1;
    transaction.onEnd(() => this.#finish(transaction, changes));
    return changes;
  }

  /** What was told to others is told once more only where it has to be confirmed, and was not. */
  #closed(id: string, changes: Changes, level: ConsistencyLevel | undefined): Promise<void> {
    const known = changes.begun.get(id);
    if (known !== undefined && (level !== 'strict' || known.level === 'strict')) return known.told;
    const told = this.#close(id, changes, level);
    changes.begun.set(id, { level, told });
    return told;
  }

  /** As a write whose save is all that is left of the transaction. */
  #close(id: string, { begun, done, ended }: Changes, level: ConsistencyLevel | undefined): Promise<void> {
    const told = new Promise<void>((resolve, reject) => {
      const save = (): Promise<void> => {
        resolve();
        return ended;
      };
      const removed = this.writes.remove([id], save, level);
      done.push(removed);
      removed.then(resolve, reject);
    });
    // What nobody was told of may be tried again.
    told.catch(() => {
      if (begun.get(id)?.told === told) begun.delete(id);
    });
    return told;
  }

  async #finish(transaction: Transaction, { done, end }: Changes): Promise<void> {
    this.#open -= 1;
    this.#changes.delete(transaction);
    end();
    await Promise.allSettled(done);
  }
}
