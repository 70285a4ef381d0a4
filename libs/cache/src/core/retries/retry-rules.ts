/** The numbers of retries, the same in every process and in Redis. */

/** How long a request keeps paying for retries, ms. Finagle's default. */
export const BUDGET_WINDOW_MS = 10_000;

/** Retries that one request pays for. Finagle's default, and about what the AWS clients allow. */
export const RETRIES_PER_REQUEST = 0.2;

/** Retries a second that nobody has to pay for, so that an operation with little traffic can retry at all. */
export const FREE_RETRIES_PER_SECOND = 10;

/** Retries that nobody has to pay for, in a window. */
export const FREE_RETRIES = (FREE_RETRIES_PER_SECOND * BUDGET_WINDOW_MS) / 1_000;

/** Without a report for so long a process has no vote and no tokens. Those with traffic report every second. */
export const PRESENCE_MS = 3_000;

/** While a circuit is open, one call in so many ms is let through to see whether the backend is back. */
export const PROBE_INTERVAL_MS = 1_000;

/** A fleet of one does without a quorum: its own breaker does the same. */
export const SMALLEST_QUORUM = 2;

/** Processes remembered for one operation; of more, those who have not reported for the longest are forgotten. */
export const MOST_PROCESSES = 500;

/** The last calls that a process judges its backend by, and how many of them have to fail. */
export const JUDGED_CALLS = 40;
export const FAILING_SHARE = 0.5;

/** Calls before a process has a vote. */
export const VOTING_CALLS = 20;
