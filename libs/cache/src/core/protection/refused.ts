import { CacheOverloadError } from '../errors.js';
import type { BudgetRules } from './operation-budget.js';

/** What the caller gets of an operation above the budget. */
export function refused(operation: string, { operations, per }: BudgetRules): CacheOverloadError {
  return new CacheOverloadError(
    `A ${operation} was not sent: this process asked more of Redis than ${operations} operations in ${per} ms. Keep more in memory, or raise forRoot.protection.operations.`,
    { layer: 'shared' },
  );
}
