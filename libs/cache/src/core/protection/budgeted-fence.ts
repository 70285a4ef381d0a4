import type { Lease, LoadWord, SharedIntent } from '../coherence/lease.js';
import type { Claim, Ended, Ending, Fence } from '../layers/fence.js';
import type { ValueEntry } from '../entry/entry.js';
import type { OperationBudget } from './operation-budget.js';
import { refused } from './refused.js';

/**
 * A fence that is not asked for more than the budget allows. Whoever gets no lease loads for its own callers and keeps
 * nothing. What ends something, and every write, always passes: lost, it would leave old values or keep others waiting.
 */
export class BudgetedFence implements Fence {
  constructor(
    private readonly fence: Fence,
    private readonly budget: OperationBudget,
  ) {}

  /** @throws {CacheOverloadError} above the budget. */
  claim(key: string, overUpTo?: number): Promise<Claim> {
    return this.budget.take() ? this.fence.claim(key, overUpTo) : Promise.reject(refused('claim', this.budget.rules));
  }

  /** @throws {CacheOverloadError} above the budget. */
  fill(lease: Lease, entry: ValueEntry): Promise<boolean> {
    return this.budget.take() ? this.fence.fill(lease, entry) : Promise.reject(refused('fill', this.budget.rules));
  }

  renew(lease: Lease): Promise<boolean> {
    return this.fence.renew(lease);
  }

  yield(lease: Lease, news: LoadWord): Promise<void> {
    return this.fence.yield(lease, news);
  }

  begin(key: string): Promise<SharedIntent> {
    return this.fence.begin(key);
  }

  end(key: string, ending: Ending): Promise<Ended> {
    return this.fence.end(key, ending);
  }

  revoke(key: string, assigned: number): Promise<boolean> {
    return this.fence.revoke(key, assigned);
  }
}
