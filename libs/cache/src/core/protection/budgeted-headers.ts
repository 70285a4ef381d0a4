import type { EntryHeader } from '../entry/entry.js';
import type { Headers } from '../layers/doubts.js';
import type { OperationBudget } from './operation-budget.js';
import { refused } from './refused.js';

/** Headers that are not asked for more than the budget allows: to it they are reads like any other. */
export class BudgetedHeaders implements Headers {
  constructor(
    private readonly headers: Headers,
    private readonly budget: OperationBudget,
  ) {}

  /** @throws {CacheOverloadError} above the budget. */
  header(key: string): Promise<EntryHeader | undefined> {
    return this.budget.take() ? this.headers.header(key) : Promise.reject(refused('read', this.budget.rules));
  }
}
