import type { Clock } from '../shared/clock.js';
import { RETRIES_PER_REQUEST } from './retry-rules.js';
import { RetryWindow } from './retry-window.js';

/** Tokens that a process with hardly any traffic asks for. */
const SMALLEST_WANT = 5;
const LARGEST_WANT = 10_000;

/** What was counted since the last report. */
export interface Spending {
  readonly requests: number;
  readonly retries: number;
  readonly want: number;
}

/**
 * The retries that this process may make: tokens that the fleet has lent it, and while the fleet is not heard what its
 * own requests pay for. Both are only numbers here: nobody is asked during a call.
 */
export class RetryBudget {
  readonly #own: RetryWindow;
  #tokens = 0;
  /** Made since the report under way was sent; it did not know of them. */
  #sinceSent = 0;
  #requests = 0;
  #retries = 0;
  /** Retries that somebody wanted to make. */
  #wanted = 0;

  constructor(
    clock: Clock,
    /** Whether the fleet has answered lately. */
    private readonly isHeard: () => boolean,
  ) {
    this.#own = new RetryWindow(clock);
  }

  /** A request pays for later retries. */
  deposit(): void {
    this.#requests += 1;
    this.#own.add(1, 0);
  }

  /** Takes one retry out of the budget. @returns whether there was one. */
  withdraw(): boolean {
    this.#wanted += 1;
    if ((this.isHeard() ? this.#tokens : this.#own.left) < 1) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    this.#own.add(0, 1);
    this.#retries += 1;
    this.#sinceSent += 1;
    return true;
  }

  get requests(): number {
    return this.#requests;
  }

  /** What to report; the counting begins anew. */
  spend(): Spending {
    const [requests, retries, wanted] = [this.#requests, this.#retries, this.#wanted];
    const want = Math.ceil(requests * RETRIES_PER_REQUEST) + wanted;
    [this.#requests, this.#retries, this.#wanted, this.#sinceSent] = [0, 0, 0, 0];
    return { requests, retries, want: Math.min(LARGEST_WANT, Math.max(SMALLEST_WANT, want)) };
  }

  /** The fleet's answer to the last report. */
  lend(tokens: number): void {
    this.#tokens = Math.max(0, tokens - this.#sinceSent);
  }

  /** It may not have been heard. Its retries are told again, its requests not: rather a retry too few than one too many. */
  unspend({ retries }: Spending): void {
    this.#retries += retries;
  }
}
