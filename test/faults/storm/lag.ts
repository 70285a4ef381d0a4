const TICK_MS = 5;

/**
 * How late this process's own timers are. A machine with few cores stops everybody at times; what a control timer in the
 * same process was late is nobody's fault.
 */
export class Lag {
  #total = 0;
  #last = performance.now();
  readonly #timer = setInterval(() => this.#tick(), TICK_MS);

  /** Milliseconds since the start, less what the control timer was late. */
  now(): number {
    this.#tick();
    return performance.now() - this.#total;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.#total += Math.max(0, now - this.#last - 2 * TICK_MS);
    this.#last = now;
  }
}
