import type { Key } from '../keys/key.js';
import { LazyAbort } from '../shared/lazy-abort.js';

/** One run of a loader, as the loader sees it. */
export interface Load {
  /** The full key that is being loaded. */
  readonly key: Key;
  /** Aborts when the hard timeout passes. Hand it to `fetch`, a query, a timer. */
  readonly signal: AbortSignal;
  /** When the hard timeout passes: milliseconds since the epoch, as `Date.now()` counts them. */
  readonly deadline: number;
}

/** A `Load` whose signal is only made when somebody asks for it. */
export class LoadRun extends LazyAbort implements Load {
  constructor(
    readonly key: Key,
    readonly deadline: number,
  ) {
    super();
  }
}
