import type { ConsistencyLevel } from '../shared/consistency-level.js';

/** How true the hits of one reader were, in this process and since it started. */
export interface StalenessFigures {
  /** `Class.method` of a decorated read; of reads through a service the entity of their keys. */
  readonly reader: string;
  /** What its reads promise. */
  readonly level: ConsistencyLevel;
  /** Hits that were drawn to be looked at. */
  readonly sampled: number;
  /** Of the sampled: the source had been asked within the last second, so they count as true. */
  readonly recent: number;
  /** Of the sampled: not compared: there were too many, the key is being compared, its loader is slow, or the application ends. */
  readonly skipped: number;
  /** Of the sampled: the value or its source changed meanwhile, so nobody knows. */
  readonly changed: number;
  /** Of the sampled: the source could not be asked. */
  readonly failed: number;
  /** Of the sampled: compared with the source, and found the same or stale. */
  readonly compared: number;
  /** Of the compared: not what the source says. */
  readonly stale: number;
  /** The share of all hits that were stale, 0 to 1, estimated from these. `undefined`: none was compared yet. */
  readonly rate: number | undefined;
  /** How long the stale ones had been wrong at most, ms: for each bound those that were above the one before. */
  readonly ages: readonly AgeBucket[];
}

export interface AgeBucket {
  /** Milliseconds, included; `Infinity` for the last. */
  readonly upTo: number;
  readonly count: number;
}
