/** Called when its signal aborts. */
type Aborted = () => void;

/** One listener a signal, whoever waits for it: thousands of calls may share one that outlives them all. */
const waiting = new WeakMap<AbortSignal, Set<Aborted>>();

/** Calls once when the signal aborts, unless the returned function is called before. The signal must not be aborted yet. */
function onAbort(signal: AbortSignal, aborted: Aborted): () => void {
  const known = waiting.get(signal);
  const all = known ?? new Set<Aborted>();
  if (known === undefined) {
    waiting.set(signal, all);
    signal.addEventListener('abort', allAborted, { once: true });
  }
  all.add(aborted);
  return () => {
    if (!all.delete(aborted) || all.size > 0 || waiting.get(signal) !== all) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', allAborted);
  };
}

function allAborted(this: AbortSignal): void {
  const all = waiting.get(this);
  waiting.delete(this);
  for (const aborted of all ?? []) aborted();
}

/**
 * A promise that ends with the signal's reason when the signal aborts; what it waits for goes on. It leaves nothing at the
 * signal once it has ended, and an error that comes later is nobody's.
 * @param left told when the signal ended the wait
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal, left: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      work.catch(() => undefined);
      reject(signal.reason as Error);
      return left();
    }
    const forget = onAbort(signal, () => {
      reject(signal.reason as Error);
      left();
    });
    work.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error as Error);
      },
    );
  });
}
