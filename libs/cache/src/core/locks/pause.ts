import type { Clock } from '../shared/clock.js';

/** A wait that can be ended from outside, also before it has begun. */
export class Pause {
  #isEnded = false;
  #resume: () => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  /** From here on an end counts. */
  begin(): void {
    this.#isEnded = false;
  }

  end(): void {
    this.#isEnded = true;
    this.#resume();
  }

  /** Resolves after so many ms, or when it is ended since it has begun. */
  async until(ms: number): Promise<void> {
    if (this.#isEnded) return;
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(ms, resolve);
      this.#resume = () => {
        cancel();
        resolve();
      };
    });
  }
}
