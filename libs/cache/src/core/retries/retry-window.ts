import type { Clock } from '../shared/clock.js';
import { BUDGET_WINDOW_MS, FREE_RETRIES, RETRIES_PER_REQUEST } from './retry-rules.js';

/** Slices of the window. What is in one ends together. */
const SLICES = 10;
const SLICE_MS = BUDGET_WINDOW_MS / SLICES;

interface Slice {
  readonly at: number;
  requests: number;
  retries: number;
}

/**
 * Requests and retries of the last ten seconds, and what they leave of the budget: 20 % of the requests and 10 retries a
 * second. After Finagle's `RetryBudget`.
 */
export class RetryWindow {
  readonly #slices: Slice[] = [];

  constructor(private readonly clock: Clock) {}

  add(requests: number, retries: number): void {
    const now = this.#current();
    now.requests += requests;
    now.retries += retries;
  }

  /** Retries that may still be made; below 0 where more were than are paid for. */
  get left(): number {
    this.#current();
    let [requests, retries] = [0, 0];
    for (const slice of this.#slices) {
      requests += slice.requests;
      retries += slice.retries;
    }
    return Math.floor(FREE_RETRIES + RETRIES_PER_REQUEST * requests) - retries;
  }

  #current(): Slice {
    const at = Math.floor(this.clock.now() / SLICE_MS);
    while (this.#slices[0] !== undefined && this.#slices[0].at <= at - SLICES) this.#slices.shift();
    let last = this.#slices.at(-1);
    if (last === undefined || last.at < at) this.#slices.push((last = { at, requests: 0, retries: 0 }));
    return last;
  }
}
