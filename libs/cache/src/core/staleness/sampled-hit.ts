import type { Entry, ValueEntry } from '../entry/entry.js';
import type { MaybePromise } from '../layers/layer.js';

/** What the source says now, in the form in which it would be kept. */
export interface Answer {
  /** `undefined`: it knows nothing of the key. */
  readonly value: unknown;
  /** The source's own version of the value, where one is known. */
  readonly source: bigint | undefined;
}

/** A hit that was drawn to be compared with its source. */
export interface SampledHit {
  readonly id: string;
  /** What was served. */
  readonly entry: ValueEntry;
  /** Asks the source as the read would have, had there been no hit. Ends in time; rejects with the loader's error. */
  readonly ask: () => Promise<Answer>;
  /** What the layer that served it has now. */
  readonly current: () => MaybePromise<Entry | undefined>;
}
