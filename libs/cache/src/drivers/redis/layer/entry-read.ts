import type { Entry } from '../../../core/entry/entry.js';
import type { EntryReader } from './entry-reader.js';
import { readFailure } from './failures.js';
import type { Read } from '../calls/question.js';

/** The two ends of a caller's promise. */
interface Caller<V> {
  readonly resolve: (value: V) => void;
  readonly reject: (error: Error) => void;
}

/** A caller who wants to know what is under a key. */
export class EntryRead implements Read {
  #isOver = false;

  constructor(
    readonly key: string,
    private readonly reader: EntryReader,
    private readonly caller: Caller<Entry | undefined>,
  ) {}

  take(reply: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.caller.resolve(this.reader.read(this.key, reply));
    } catch (error) {
      this.caller.reject(readFailure(this.key, error));
    }
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // MGET gives nothing for what is no string; GET says so.
    const isForeign = error instanceof Error && error.message.startsWith('WRONGTYPE');
    if (isForeign) this.caller.resolve(this.reader.foreign(this.key, 'format'));
    else this.caller.reject(readFailure(this.key, error));
  }
}
