/** Ends a timer that has not fired. */
export type Cancel = () => void;

/**
 * Time, as everything in `core` sees it. One axis: milliseconds since the epoch that never go back, so that a
 * deadline survives a change of the wall clock.
 */
export interface Clock {
  /** Now, exact. */
  now(): number;
  /** Now, cheap: may lag by a millisecond, or by as long as the event loop was blocked. For freshness checks only. */
  coarse(): number;
  /** Runs a task once after `ms`; never keeps the process alive. */
  after(ms: number, task: () => void): Cancel;
}
