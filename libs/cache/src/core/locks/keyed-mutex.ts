import { LockTimeoutError } from '../errors.js';
import type { Clock } from '../shared/clock.js';

/** Gives way to the next in line. */
type Waiter = () => void;

/** One holder a name within this process, first come first served. */
export class KeyedMutex {
  readonly #queues = new Map<string, Set<Waiter>>();

  constructor(
    private readonly clock: Clock,
    private readonly wait: number,
  ) {}

  /**
   * Runs the work alone under its name.
   * @throws {LockTimeoutError} when the wait took too long; the work did not run.
   */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    await this.#acquire(name);
    try {
      return await work();
    } finally {
      this.#release(name);
    }
  }

  async #acquire(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    if (queue === undefined) {
      this.#queues.set(name, new Set());
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.after(this.wait, () => {
        queue.delete(grant);
        reject(busy(name, this.wait));
      });
      const grant = () => {
        cancel();
        resolve();
      };
      queue.add(grant);
    });
  }

  #release(name: string): void {
    const queue = this.#queues.get(name);
    const [next] = queue ?? [];
    if (next === undefined) this.#queues.delete(name);
    else {
      queue?.delete(next);
      next();
    }
  }
}

function busy(key: string, wait: number): LockTimeoutError {
  return new LockTimeoutError(
    `The lock of '${key}' was not free within ${wait} ms and the update did not run. Retry later, shorten the update, or look for an update that calls itself on the same key.`,
    { key },
  );
}
