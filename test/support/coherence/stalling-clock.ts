import type { Cancel, Clock } from '../../../libs/cache/src/core/shared/clock.js';

/**
 * The clock of a process whose event loop may stand still: what comes due meanwhile, and what arrives, happens when it
 * goes on. First the timers, then what waited in the socket, as in Node.
 */
export class StallingClock implements Clock {
  #timers: (() => void)[] = [];
  #socket: (() => void)[] = [];
  #isStalled = false;
  #isOver = false;

  constructor(private readonly time: Clock) {}

  now(): number {
    return this.time.now();
  }

  coarse(): number {
    return this.time.now();
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  after(ms: number, task: () => void): Cancel {
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled || this.#isOver) return;
      if (this.#isStalled) this.#timers.push(fire);
      else task();
    };
    const cancel = this.time.after(ms, fire);
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Something arrives in a socket. */
  arrive(task: () => void): void {
    if (this.#isOver) return;
    if (this.#isStalled) this.#socket.push(task);
    else task();
  }

  stall(ms: number): void {
    if (this.#isStalled) return;
    this.#isStalled = true;
    this.time.after(ms, () => {
      this.#isStalled = false;
      const timers = this.#timers;
      const socket = this.#socket;
      this.#timers = [];
      this.#socket = [];
      for (const task of [...timers, ...socket]) task();
    });
  }

  /** The process has ended: nothing happens any more. */
  end(): void {
    this.#isOver = true;
  }
}
