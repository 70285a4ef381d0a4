import { CircuitState, CountBreaker, ExponentialBackoff } from 'cockatiel';
import type { LocalPolicies } from '../../core/retries/local-policies.js';
import { FAILING_SHARE, JUDGED_CALLS, VOTING_CALLS } from '../../core/retries/retry-rules.js';
import type { Random } from '../../core/shared/random.js';

/**
 * Backoff and failure counting by cockatiel, of which we take what has no clock of its own. Its jitter asks Math.random,
 * so that is ours; its retry loop knows no deadline, no Retry-After and no budget, and its breaker no other process.
 */
export function cockatielPolicies(random: Random): LocalPolicies {
  return {
    backoff: ({ base, max }) => {
      let step = new ExponentialBackoff<number>({
        initialDelay: base,
        maxDelay: max,
        // Full jitter: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015.
        generator: (retries = 0, { initialDelay, maxDelay }) => [
          random() * Math.min(maxDelay, initialDelay * 2 ** retries),
          retries + 1,
        ],
      }).next();
      return {
        next: () => {
          const { duration } = step;
          step = step.next(undefined);
          return duration;
        },
      };
    },
    window: () => {
      const breaker = new CountBreaker({
        threshold: FAILING_SHARE,
        size: JUDGED_CALLS,
        minimumNumberOfCalls: VOTING_CALLS,
      });
      return {
        succeeded: () => breaker.success(CircuitState.Closed),
        failed: () => breaker.failure(CircuitState.Closed),
      };
    },
  };
}
