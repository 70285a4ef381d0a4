import type { Clock } from '../shared/clock.js';

/** How long level `relaxed` waits for Redis at most, ms. */
export const SOON_MS = 100;

/** Waits for the end of something that goes on by itself, but not long. Never rejects. */
export function soon(clock: Pick<Clock, 'after'>, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(SOON_MS, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}
