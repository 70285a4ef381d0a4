import { CacheTimeoutError } from '../../../core/errors.js';
import type { Clock } from '../../../core/shared/clock.js';

/**
 * A promise that ends in time, whatever becomes of the work: a command whose connection dies may stay unanswered for
 * ever. What the work does later is nobody's any more.
 */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      reject(new CacheTimeoutError(`Redis did not answer within ${ms} ms.`, { layer: 'shared' }));
    });
    const ended =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        cancel();
        settle(value);
      };
    work.then(ended(resolve), ended(reject));
  });
}
