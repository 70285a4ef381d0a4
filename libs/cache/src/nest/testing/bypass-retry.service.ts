import type { Attempt } from '../../core/retries/attempt.js';
import { RetryService } from '../services/retry.service.js';

/** Everything is tried once. */
export class BypassRetryService extends RetryService {
  async run<T>(_operation: string, work: (attempt: Attempt) => PromiseLike<T> | T): Promise<T> {
    const { signal } = new AbortController();
    return work({ number: 1, signal, deadline: Infinity });
  }
}
