import type { Clock } from './clock.js';

export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  /** The error of what is too late. */
  readonly late: () => Error;
}

/**
 * A promise that ends in time, whatever becomes of the work: some of it never ends. What the work does later is nobody's
 * any more, its error included.
 */
export function inTime<T>(work: Promise<T>, { clock, ms, late }: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    const ended =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        cancel();
        settle(value);
      };
    work.then(ended(resolve), ended(reject));
  });
}
