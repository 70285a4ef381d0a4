import type { Key } from '../keys/key.js';

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
export class LoadRun implements Load {
  #controller: AbortController | undefined;
  #reason: unknown;
  #aborted = false;

  constructor(
    readonly key: Key,
    readonly deadline: number,
  ) {}

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
