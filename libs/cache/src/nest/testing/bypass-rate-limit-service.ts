import { Decision, type LimitDecision } from '../../core/limits/decision.js';
import { RateLimitService } from '../services/rate-limit.service.js';

/** No limits: every request is allowed. */
export class BypassRateLimitService extends RateLimitService {
  async check(): Promise<LimitDecision> {
    return new Decision(true, []);
  }

  consume(): Promise<LimitDecision> {
    return this.check();
  }

  run<T>(_rules: unknown, _identity: unknown, work: () => Promise<T>): Promise<T> {
    return work();
  }

  async refund(): Promise<void> {}

  async penalize(): Promise<void> {}

  async reward(): Promise<void> {}

  async reset(): Promise<void> {}
}
