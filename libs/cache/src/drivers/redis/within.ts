import { CacheTimeoutError } from '../../core/errors.js';
import type { Clock } from '../../core/shared/clock.js';
import { inTime } from '../../core/shared/in-time.js';

/** What Redis answers in time: a command whose connection dies may stay unanswered for ever. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const late = (): CacheTimeoutError =>
    new CacheTimeoutError(`Redis did not answer within ${ms} ms.`, { layer: 'shared' });
  return inTime(work, { clock, ms, late });
}
