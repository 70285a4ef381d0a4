import type { Cancel, Clock } from '../shared/clock.js';
import { BEAT_MS, BEATS_MISSED } from './bus.js';

export interface LoopBackParts {
  readonly clock: Clock;
  /** Tells ourselves this; rejects unless it is known to be sent. Answers in bounded time. */
  readonly post: (ping: string) => Promise<unknown>;
  /** What was sent did not come back in time, so neither may what others send. */
  readonly lost: () => void;
  /** Told how long what was sent took to come back, ms. */
  readonly delay?: ((ms: number) => void) | undefined;
}

/**
 * Tells itself something every second. A connection that answers may still deliver nothing: its server may be cut off
 * from the others of the cluster. Counted are rounds in which something was out and did not come back: after a stall of
 * this process a round is late, but the next begins only after what waited in the socket was read.
 */
export class LoopBack {
  #count = 0;
  /** The last that is known to be out. */
  #sent = 0;
  #came = 0;
  #missed = 0;
  #sentAt = 0;
  #cancel: Cancel | undefined;

  constructor(private readonly parts: LoopBackParts) {}

  /** Both ways should be open from now on. */
  start(): void {
    this.stop();
    this.#came = this.#sent = this.#count;
    this.#later();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#missed = 0;
  }

  /** A ping came back. */
  came(ping: string): void {
    const number = Math.min(Number(ping) || 0, this.#count);
    if (number === this.#count && number > this.#came) this.parts.delay?.(this.parts.clock.now() - this.#sentAt);
    this.#came = Math.max(this.#came, number);
    if (this.#came >= this.#sent) this.#missed = 0;
  }

  #later(): void {
    this.#cancel = this.parts.clock.after(BEAT_MS, () => this.#round());
  }

  #round(): void {
    this.#missed = this.#came < this.#sent ? this.#missed + 1 : 0;
    if (this.#missed >= BEATS_MISSED) {
      this.stop();
      return this.parts.lost();
    }
    this.#later();
    const number = ++this.#count;
    this.#sentAt = this.parts.clock.now();
    this.parts.post(String(number)).then(
      () => {
        this.#sent = Math.max(this.#sent, number);
      },
      // What is not out cannot come back.
      () => undefined,
    );
  }
}
