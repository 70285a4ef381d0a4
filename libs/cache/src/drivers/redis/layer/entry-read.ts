import { readFailure } from './failures.js';
import type { Read } from '../calls/question.js';

/** The two ends of a caller's promise. */
interface Caller<V> {
  readonly resolve: (value: V) => void;
  readonly reject: (error: Error) => void;
}

/** How the reply to a question is understood, and what is said of a key that holds nothing of ours. */
export interface Reading<V> {
  read(key: string, reply: unknown): V;
  foreign(key: string): V;
}

/** A caller who wants to know what is under a key. */
export class EntryRead<V> implements Read {
  #isOver = false;

  constructor(
    readonly key: string,
    private readonly reading: Reading<V>,
    private readonly caller: Caller<V>,
  ) {}

  isOver(): boolean {
    return this.#isOver;
  }

  take(reply: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.caller.resolve(this.reading.read(this.key, reply));
    } catch (error) {
      this.caller.reject(readFailure(this.key, error));
    }
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // MGET gives nothing for what is no string; GET and GETRANGE say so.
    const isForeign = error instanceof Error && error.message.startsWith('WRONGTYPE');
    if (isForeign) this.caller.resolve(this.reading.foreign(this.key));
    else this.caller.reject(readFailure(this.key, error));
  }
}
