import type { Cancel, Clock } from '../shared/clock.js';
import { BEAT_MS, BEATS_MISSED, type Beat, type Notice } from './bus.js';

export interface OutboxParts {
  readonly clock: Clock;
  /** This process. */
  readonly publisher: string;
  /** Sends a message; rejects unless it is known to be sent. Answers in bounded time. */
  readonly post: (message: Notice | Beat) => Promise<unknown>;
  /** Messages without an answer that are remembered at most. Default 16,384. */
  readonly limit?: number | undefined;
}

/**
 * Counts what this process tells the others on one channel, so that they miss what was lost. Every number is answered or
 * voided: a number whose message may or may not be out is told again as `void`, tried until that is out, so that a command
 * that failed never looks like a lost message. Beats say up to where all is settled: once a second while there is
 * something to tell and `BEATS_MISSED` times after, then one that says that no more will come.
 */
export class Outbox {
  #last = 0;
  /** Numbers without an answer and their keys, in order. */
  readonly #open = new Map<number, string>();
  /** Those of them whose void could not be sent. */
  #unsent = new Set<number>();
  #from = 0;
  #began = 0;
  #beaten = 0;
  #left = 0;
  #cancel: Cancel | undefined;
  #isClosed = false;
  #hasSaidBye = false;

  constructor(private readonly parts: OutboxParts) {}

  /** The number of a message that is about to be sent about this key. */
  take(key: string): number {
    if (this.#cancel === undefined && !this.#isClosed) this.#begin();
    this.#last += 1;
    this.#open.set(this.#last, key);
    return this.#last;
  }

  /** The message is out. */
  settle(number: number): void {
    this.#unsent.delete(number);
    if (!this.#open.delete(number)) return;
    // A change that was under way when the application ended: nobody shall wait for a beat that counts it.
    if (this.#hasSaidBye && this.#open.size === 0) void this.#post(true);
  }

  /** Nobody knows whether the message is out: the others are told that it may be. */
  void(number: number): void {
    if (!this.#open.has(number)) return;
    // Too many to name them all: the others miss this number, and trust nothing that they hold.
    if (this.#open.size > (this.parts.limit ?? 16_384)) return this.settle(number);
    void this.#voided(number);
  }

  /** Says good-bye, and voids what has no answer yet, once. What cannot be sent now is missed by the others. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    if (this.#last === 0) return;
    await Promise.all([...this.#open.keys()].map((number) => this.#voided(number)));
    this.#open.clear();
    this.#hasSaidBye = true;
    await this.#post(true);
  }

  #begin(): void {
    this.#from = this.#last;
    this.#began = this.parts.clock.now();
    this.#beaten = this.#last;
    this.#left = BEATS_MISSED;
    this.#later();
  }

  #later(): void {
    this.#cancel = this.parts.clock.after(BEAT_MS, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    this.#later();
    const unsent = this.#unsent;
    this.#unsent = new Set();
    for (const number of unsent) void this.#voided(number);
    const last = this.#last;
    const isBusy = last !== this.#beaten || this.#open.size > 0;
    this.#beaten = last;
    if (isBusy) this.#left = BEATS_MISSED;
    const isLast = !isBusy && this.#left === 0;
    if (!(await this.#post(isLast)) || isBusy) return;
    if (!isLast) this.#left -= 1;
    else if (last === this.#last) this.#end();
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #voided(number: number): Promise<void> {
    const key = this.#open.get(number);
    if (key === undefined) return;
    try {
      await this.parts.post({ publisher: this.parts.publisher, number, kind: 'void', assigned: 0, key });
      this.settle(number);
    } catch {
      // The next beat tries again.
      if (this.#open.has(number)) this.#unsent.add(number);
    }
  }

  #post(isLast: boolean): Promise<boolean> {
    const [first = this.#last + 1] = this.#open.keys();
    const { publisher, clock } = this.parts;
    const age = clock.now() - this.#began;
    return this.parts.post({ publisher, from: this.#from, age, settled: first - 1, taken: this.#last, isLast }).then(
      () => true,
      () => false,
    );
  }
}
