const SIZE = 4096;

/**
 * Resolved promises kept for values that are hit often, so that a hit allocates nothing. Direct-mapped: a slot has one
 * place, shared with the slots that have the same low bits, which bounds the pool at about 250 KB.
 */
export class PromisePool {
  readonly #owner = new Int32Array(SIZE).fill(-1);
  readonly #promises: (Promise<unknown> | undefined)[] = Array.from({ length: SIZE });

  promised(slot: number, value: unknown): Promise<unknown> {
    const place = slot & (SIZE - 1);
    const kept = this.#promises[place];
    if (kept !== undefined && this.#owner[place] === slot) return kept;
    const promise = Promise.resolve(value);
    this.#owner[place] = slot;
    this.#promises[place] = promise;
    return promise;
  }

  /** The slot holds another value now. */
  drop(slot: number): void {
    const place = slot & (SIZE - 1);
    if (this.#owner[place] !== slot) return;
    this.#owner[place] = -1;
    this.#promises[place] = undefined;
  }
}
