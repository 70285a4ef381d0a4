import type { EventHub } from '../events/event-hub.js';
import type { Cancel, Clock } from '../shared/clock.js';
import { Circuit } from './circuit.js';
import type { LocalPolicies } from './local-policies.js';
import { RetryBudget } from './retry-budget.js';
import type { RetryCoordinator } from './retry-coordinator.js';

/** How often is looked whether there is something to report, ms. */
export const LOOK_MS = 100;

/** With so many calls to tell of, a report is due: so there is at most one for a hundred calls. */
export const CALLS_PER_REPORT = 100;

/** With any call to tell of, a report is due after so long. */
export const LONGEST_SILENCE_MS = 1_000;

/** For so long after the last answer the fleet counts as heard. */
const HEARD_MS = 2_500;

export interface OperationParts {
  /** Of this process, in its reports. */
  readonly process: string;
  readonly clock: Clock;
  readonly policies: LocalPolicies;
  readonly events: EventHub;
  readonly coordinator: RetryCoordinator;
}

/** What this process knows of one operation, and its talk with the fleet about it: in the background, never by a call. */
export class Operation {
  readonly budget: RetryBudget;
  readonly circuit: Circuit;
  #calls = 0;
  #heardAt = -Infinity;
  #sentAt = -Infinity;
  #isSending = false;
  /** Something cannot wait for the next look. */
  #isUrgent = false;
  #look: Cancel | undefined;
  #isClosed = false;

  constructor(
    readonly name: string,
    private readonly parts: OperationParts,
  ) {
    const { clock, policies, events } = parts;
    const isHeard = () => clock.coarse() - this.#heardAt <= HEARD_MS;
    this.budget = new RetryBudget(clock, isHeard);
    const urgent = () => {
      this.#isUrgent = true;
      this.#send();
    };
    this.circuit = new Circuit({ operation: name, clock, policies, events, isHeard, urgent });
  }

  /** A call came, let through or not. */
  called(): void {
    this.#calls += 1;
    if (this.#look !== undefined || this.#isClosed) return;
    // The first after a while: the fleet hears of this process, and it of the fleet.
    this.#watch();
    if (this.parts.clock.coarse() - this.#sentAt >= LONGEST_SILENCE_MS) this.#send();
  }

  close(): void {
    this.#isClosed = true;
    this.#look?.();
  }

  #watch(): void {
    this.#look = this.parts.clock.after(LOOK_MS, () => {
      this.#look = undefined;
      if (this.#isDue()) this.#send();
      // An operation that nobody calls is not looked at.
      if (this.#calls > 0 || this.#isSending) this.#watch();
    });
  }

  #isDue(): boolean {
    if (this.#calls >= CALLS_PER_REPORT || this.#isUrgent) return true;
    if (this.circuit.isUndecided || this.circuit.isAsking) return true;
    return this.#calls > 0 && this.parts.clock.now() - this.#sentAt >= LONGEST_SILENCE_MS;
  }

  #send(): void {
    if (this.#isSending || this.#isClosed) return;
    this.#isSending = true;
    this.#isUrgent = false;
    this.#calls = 0;
    this.#sentAt = this.parts.clock.now();
    void this.#report().finally(() => {
      this.#isSending = false;
      if (this.#isUrgent && this.#heardAt > 0) this.#send();
    });
  }

  async #report(): Promise<void> {
    const { coordinator, process, clock } = this.parts;
    const sentAt = clock.now();
    const { requests, retries, want } = this.budget.spend();
    const told = this.circuit.tell();
    try {
      const report = { operation: this.name, process, requests, retries, want, ...told };
      const verdict = await coordinator.report(report);
      if (this.#isClosed) return;
      this.#heardAt = clock.now();
      this.budget.lend(verdict.tokens);
      this.circuit.hear(verdict, sentAt);
    } catch {
      // Not heard: until it is, this process decides by itself. The next look tries again.
      this.#heardAt = -Infinity;
      this.budget.unspend({ requests, retries, want });
      this.circuit.untell(told.probe);
    }
  }
}
