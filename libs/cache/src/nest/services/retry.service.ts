import type { Attempt } from '../../core/retries/attempt.js';
import type { OperationName } from '../../core/retries/operation-name.js';
import type { RetryOptions } from '../../core/retries/retry-policy.js';

/**
 * Makes failed calls again, without making an outage worse: all processes of the service share one retry budget and one
 * circuit breaker for each operation.
 */
export abstract class RetryService {
  /**
   * Runs `work` until it succeeds, or another attempt is not worthwhile, not allowed or too late; then the last attempt's
   * own error reaches the caller unchanged.
   *
   * @param operation what fails together, such as `'payments'`: one literal name, the same in all processes.
   * @example const rate = await retries.run('rates', ({ signal }) => fetch(url, { signal }), { attempts: 4, deadline: '2s' });
   * @throws {CircuitOpenError} when calls of the operation fail at once, because its backend does: nothing was tried.
   * @throws {CacheTimeoutError} when the deadline passed during the first attempt.
   * @throws {CacheConfigError} for a wrong name or policy. The reason of `signal` when the caller gave up.
   */
  abstract run<const N extends string, T>(
    operation: OperationName<N>,
    work: (attempt: Attempt) => PromiseLike<T> | T,
    policy?: RetryOptions,
  ): Promise<T>;
}
