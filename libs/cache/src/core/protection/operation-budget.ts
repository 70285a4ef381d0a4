import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';

export interface BudgetRules {
  /** Operations in a window. */
  readonly operations: number;
  /** The window, ms. */
  readonly per: number;
}

/**
 * How much this process may ask of Redis: a fixed window, so at most twice the number in any span of its length. It
 * counts what can be done without, reads, fills and limit checks; never what must reach Redis.
 */
export class OperationBudget {
  #until = 0;
  #used = 0;
  #refused = 0;

  constructor(
    readonly rules: BudgetRules,
    private readonly parts: { readonly clock: Clock; readonly events: EventHub },
  ) {}

  /** Whether one more may be sent; it is counted if so. */
  take(): boolean {
    const now = this.parts.clock.coarse();
    if (now >= this.#until) this.#begin(now);
    if (this.#used < this.rules.operations) {
      this.#used += 1;
      return true;
    }
    this.#refuse(now);
    return false;
  }

  #begin(now: number): void {
    this.#until = now + this.rules.per;
    this.#used = 0;
  }

  /** Told once a window, at its end: an event for each would be the next flood. */
  #refuse(now: number): void {
    this.#refused += 1;
    if (this.#refused > 1) return;
    this.parts.clock.after(Math.max(0, this.#until - now), () => {
      const refused = this.#refused;
      this.#refused = 0;
      this.parts.events.emit({ type: 'overloaded', refused, ...this.rules });
    });
  }
}
