import { checkOperation } from '../../../core/retries/operation-name.js';
import { resolveRetryPolicy } from '../../../core/retries/retry-policy.js';
import { runAttempt } from '../current-attempt.js';
import type { RetryPlan } from '../method-plan.js';
import type { Site, Stage } from '../stage.js';

/** Makes the method's failed calls again: through the service, so that an application's own one is asked. */
export function retryStage({ operation, policy }: RetryPlan, { origin, parts, next }: Site): Stage {
  const { retries } = parts;
  checkOperation(operation);
  resolveRetryPolicy(policy, `@Retried on ${origin}`);
  // Checked above: the compiler's own check is of literals.
  const name = operation as 'literal';
  return (self, args) => retries.run(name, (attempt) => runAttempt(attempt, () => next(self, args)), policy);
}
