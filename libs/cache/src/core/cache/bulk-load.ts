import type { Key } from '../keys/key.js';
import { LazyAbort } from '../shared/lazy-abort.js';
import type { Load } from './load.js';

/** One run of a bulk loader, as the loader sees it: what it says is said of every key that it loads. */
export interface BulkLoad extends Omit<Load, 'key' | 'signal' | 'stale' | 'notModified'> {
  /** The full keys that are being loaded, in the order of the ids. */
  readonly keys: readonly Key[];
  /** Aborts when no key of the run is waited for any more: its hard timeout has passed, or all callers have left. */
  readonly signal: AbortSignal;
}

/** The runs of all its keys as one. */
export class BulkRun extends LazyAbort implements BulkLoad, Load {
  readonly #runs: readonly Load[];
  #left: number;

  constructor(runs: readonly Load[]) {
    super();
    this.#runs = runs;
    this.#left = runs.length;
  }

  get keys(): readonly Key[] {
    return this.#runs.map(({ key }) => key);
  }

  /** The load of one key, by its place among the ids. */
  of(at: number): Load | undefined {
    return this.#runs[at];
  }

  /** For what knows loads of one key only. */
  get key(): Key {
    return this.keys[0] ?? '';
  }

  get deadline(): number {
    return Math.min(...this.#runs.map(({ deadline }) => deadline));
  }

  override get signal(): AbortSignal {
    if (!this.#isListening) this.#listen();
    return super.signal;
  }

  get ttl(): Load['ttl'] {
    return (ttl) => {
      for (const run of this.#runs) run.ttl(ttl);
    };
  }

  get skip(): Load['skip'] {
    return () => {
      for (const run of this.#runs) run.skip();
    };
  }

  get tags(): Load['tags'] {
    return (...tags) => {
      for (const run of this.#runs) run.tags(...tags);
    };
  }

  /** Of a bulk load nobody knows which key it would be of. */
  get stale(): unknown {
    return undefined;
  }

  get notModified(): Load['notModified'] {
    return () => this.fail('load.notModified() is of loads of one key: a bulk loader gives what is true by id.');
  }

  get fail(): Load['fail'] {
    return (reason) => {
      const [first] = this.#runs;
      if (first === undefined) throw reason;
      return first.fail(reason);
    };
  }

  #isListening = false;

  #listen(): void {
    this.#isListening = true;
    for (const { signal } of this.#runs) {
      const left = (): void => {
        this.#left -= 1;
        if (this.#left === 0) this.abort(signal.reason);
      };
      if (signal.aborted) left();
      else signal.addEventListener('abort', left, { once: true });
    }
  }
}
