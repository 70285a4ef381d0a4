import { LazyAbort } from '../shared/lazy-abort.js';

/** One attempt of a call, as the callback or the decorated method sees it. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborts when the call's deadline passes or its caller gives up. Hand it to `fetch`, a query, a timer. */
  readonly signal: AbortSignal;
  /** When the call's deadline passes: milliseconds since the epoch, as `Date.now()` counts them. */
  readonly deadline: number;
}

/** An `Attempt` whose signal is only made when somebody asks for it. */
export class AttemptRun extends LazyAbort implements Attempt {
  constructor(
    readonly number: number,
    readonly deadline: number,
  ) {
    super();
  }
}
