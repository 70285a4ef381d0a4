import type { Transaction } from './transaction.js';

/** A transaction whose end its owner tells. */
export class TransactionRun implements Transaction {
  readonly #due: (() => Promise<void>)[] = [];
  #isOpen = true;

  /** Work that outlives its transaction is no part of it any more. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  onEnd(run: () => Promise<void>): void {
    this.#due.push(run);
  }

  /** Call it once, when the database has answered. */
  async end(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#due.map((run) => run()));
  }
}
