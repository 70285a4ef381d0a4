import type { Cancel } from '../shared/clock.js';
import type { Limit } from '../shared/in-time.js';

/** A timer that is late by this share of its time tells of a process that stood still. */
const STOOD_STILL = 1 / 4;

/** The share of the time that is given again then: a round trip, for what was sent only now. */
const AGAIN = 1 / 5;

/**
 * As `inTime`, but a process that stood still itself does not take that for the silence of another: when the time is over
 * it first looks at what has come meanwhile, and gives a little more when its own timer was late.
 */
export function inOwnTime<T>(work: Promise<T>, { clock, ms, late }: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    const due = clock.now() + ms;
    let cancel: Cancel = clock.after(ms, () => {
      const more = clock.now() - due >= ms * STOOD_STILL ? ms * AGAIN : 0;
      cancel = clock.after(more, () => reject(late()));
    });
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}
