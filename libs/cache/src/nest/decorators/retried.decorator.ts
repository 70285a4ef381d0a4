import { CacheConfigError } from '../../core/errors.js';
import type { OperationName } from '../../core/retries/operation-name.js';
import type { RetryPolicy } from '../../core/retries/retry-policy.js';
import { nameOf } from '../plans/method-plan.js';
import type { MethodCheck } from './check/method-check.js';
import { onMethod } from './on-method.js';

/**
 * Makes a failed call of the method again, with growing random delays, within the budget and the circuit breaker that all
 * processes of the service share for the operation. The method must bear being called more than once.
 *
 * @param operation what fails together, such as `'payments'`: one literal name, the same in all processes.
 * @example
 * class Payments { @Retried('payments', { attempts: 4, deadline: '2s' }) charge(order: Order): Promise<Receipt> { … } }
 * @throws {CacheConfigError} when it stands on anything but a method, or twice on one. A wrong policy fails the boot.
 */
export function Retried<const T extends string>(
  operation: OperationName<T>,
  policy: RetryPolicy = {},
): MethodCheck<never> {
  return onMethod('Retried', (plan) => {
    if (plan.retry !== undefined) {
      throw new CacheConfigError(`${nameOf(plan)}: two @Retried on one method. Keep one of them.`);
    }
    plan.retry = { operation, policy };
  });
}
