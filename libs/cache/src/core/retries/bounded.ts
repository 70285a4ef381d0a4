import type { Clock } from '../shared/clock.js';

/** How an attempt ended. */
export type Ending<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'late' }
  | { readonly kind: 'aborted'; readonly reason: unknown };

export interface Bounds {
  readonly clock: Clock;
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

/** Runs the work until it ends, time is up or the signal aborts. What the work does later is nobody's any more. */
export function bounded<T>(work: () => PromiseLike<T> | T, { clock, ms, signal }: Bounds): Promise<Ending<T>> {
  return new Promise((resolve) => {
    const end = (ending: Ending<T>) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      resolve(ending);
    };
    const abort = () => end({ kind: 'aborted', reason: signal?.reason });
    const cancel = clock.after(ms, () => end({ kind: 'late' }));
    signal?.addEventListener('abort', abort, { once: true });
    started(work).then(
      (value) => end({ kind: 'value', value }),
      (error: unknown) => end({ kind: 'error', error }),
    );
  });
}

/** Waits. @returns why it ended before its time. */
export function pause(
  ms: number,
  { clock, signal }: Omit<Bounds, 'ms'>,
): Promise<{ readonly reason: unknown } | undefined> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve({ reason: signal.reason });
    const end = (why: { readonly reason: unknown } | undefined) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      resolve(why);
    };
    const abort = () => end({ reason: signal?.reason });
    const cancel = clock.after(ms, () => end(undefined));
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** What throws instead of rejecting rejects. */
async function started<T>(work: () => PromiseLike<T> | T): Promise<T> {
  return work();
}
