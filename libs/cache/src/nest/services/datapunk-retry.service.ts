import type { Attempt } from '../../core/retries/attempt.js';
import { checkOperation, type OperationName } from '../../core/retries/operation-name.js';
import type { Retries } from '../../core/retries/retries.js';
import { resolveRetryPolicy, type RetryOptions } from '../../core/retries/retry-policy.js';
import { RetryService } from './retry.service.js';

/** The service over the core's retries. */
export class DatapunkRetryService extends RetryService {
  constructor(private readonly retries: Retries) {
    super();
  }

  async run<const N extends string, T>(
    name: OperationName<N>,
    work: (attempt: Attempt) => PromiseLike<T> | T,
    { signal, ...policy }: RetryOptions = {},
  ): Promise<T> {
    const operation: unknown = name;
    checkOperation(operation);
    return this.retries.run({ operation, work, policy: resolveRetryPolicy(policy, `retry '${operation}'`), signal });
  }
}
