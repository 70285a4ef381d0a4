import type { DelayRange } from './retry-policy.js';

/** The delays before the retries of one call. */
export interface Backoff {
  /** Before the next retry, ms. */
  next(): number;
}

/** The last calls of one operation in this process. */
export interface CallWindow {
  succeeded(): void;
  /** @returns whether as many of the last calls have failed as say that the backend does. */
  failed(): boolean;
}

/** What is decided call by call, without anybody else. Port. */
export interface LocalPolicies {
  /** Full jitter: each delay is drawn from 0 to a bound that doubles, from `base` up to `max`. */
  backoff(delay: DelayRange): Backoff;
  /** An empty window. */
  window(): CallWindow;
}
