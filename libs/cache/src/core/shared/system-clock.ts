import type { Cancel, Clock } from './clock.js';

/** Reads that may share one look at the clock. Bounds the lag where the event loop never turns. */
const READS_PER_LOOK = 64;

/** `setTimeout` fires at once above this. */
const LONGEST_TIMER = 2_147_483_647;

/** The process's monotonic clock, set to the wall clock once. */
export class SystemClock implements Clock {
  #coarse = 0;
  #left = 0;
  #armed = false;

  now(): number {
    return performance.timeOrigin + performance.now();
  }

  coarse(): number {
    return --this.#left > 0 ? this.#coarse : this.#look();
  }

  after(ms: number, task: () => void): Cancel {
    const timer = setTimeout(task, Math.min(ms, LONGEST_TIMER));
    timer.unref();
    return () => clearTimeout(timer);
  }

  /** Armed by use: an idle process is not woken to keep a clock nobody reads. */
  #look(): number {
    this.#left = READS_PER_LOOK;
    this.#coarse = this.now();
    if (!this.#armed) {
      this.#armed = true;
      setTimeout(() => {
        this.#armed = false;
        this.#left = 0;
      }, 1).unref();
    }
    return this.#coarse;
  }
}
