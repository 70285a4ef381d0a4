import type { Entry } from '../entry/entry.js';
import type { Layer, MaybePromise, StoreCause, StoreOutcome } from '../layers/layer.js';
import type { OperationBudget } from './operation-budget.js';
import { refused } from './refused.js';

/**
 * A layer that is not asked for more than the budget allows. What is refused fails as if the layer were away, so its
 * caller is served by the local layers or the source. Writes, removals and expiries always pass: lost, they would leave
 * old values.
 */
export class BudgetedLayer implements Layer {
  readonly name;

  constructor(
    private readonly layer: Layer,
    private readonly budget: OperationBudget,
  ) {
    this.name = layer.name;
  }

  /** @throws {CacheOverloadError} above the budget. */
  read(key: string): MaybePromise<Entry | undefined> {
    return this.budget.take() ? this.layer.read(key) : Promise.reject(refused('read', this.budget.rules));
  }

  /** @throws {CacheOverloadError} for a loaded value above the budget. */
  store(key: string, entry: Entry, cause: StoreCause): MaybePromise<StoreOutcome> {
    const passes = cause !== 'load' || this.budget.take();
    return passes ? this.layer.store(key, entry, cause) : Promise.reject(refused('fill', this.budget.rules));
  }

  remove(key: string): MaybePromise<void> {
    return this.layer.remove(key);
  }

  expire(key: string): MaybePromise<void> {
    return this.layer.expire(key);
  }

  close(): MaybePromise<void> {
    return this.layer.close();
  }
}
