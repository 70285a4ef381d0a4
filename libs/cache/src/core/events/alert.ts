/** `critical`: somebody should look now. `warning`: somebody should look today. */
export type AlertSeverity = 'warning' | 'critical';

/** What somebody should look at; docs/operations.md says what to do about each. */
export type AlertName =
  | 'low-hit-ratio'
  | 'high-memory'
  | 'high-evictions'
  | 'memory-filling'
  | 'redis-away'
  | 'topology'
  | 'bus-gaps'
  | 'stale-hits'
  | 'locks-lost'
  | 'invalidations-owed'
  | 'invalidations-lost';

/** Something that somebody should look at. */
export interface Alert {
  readonly name: AlertName;
  readonly severity: AlertSeverity;
  /** What it is judged by, and what it should not be past: shares from 0 to 1, counts, or seconds. */
  readonly value: number;
  readonly limit: number;
  /** As a sentence. */
  readonly message: string;
}
