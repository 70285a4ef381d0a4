const TICK_MS = 5;

/**
 * How late this process's own timers are. A machine with few cores stops everybody at times; what a control timer in the
 * same process was late is nobody's fault.
 */
export class Lag {
  #total = 0;
  #late = 0;
  #lateAt = 0;
  #last = performance.now();
  readonly #timer = setInterval(() => this.#tick(), TICK_MS);

  /** Milliseconds since the start, less what the control timer was late. */
  now(): number {
    this.#tick();
    return performance.now() - this.#total;
  }

  /** How late the control timer is, or was a moment ago: one that was as late runs only now. */
  late(): number {
    this.#tick();
    return performance.now() - this.#last < TICK_MS ? this.#late : 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#last - 2 * TICK_MS);
    this.#total += late;
    this.#last = now;
    if (late === 0 && now - this.#lateAt < 4 * TICK_MS) return;
    this.#late = late;
    this.#lateAt = now;
  }
}
