/** How much travels together. */
export interface BatchLimit<Q> {
  /** Questions in a batch. */
  readonly count: number;
  /** Whether this one may travel with the one before it. */
  readonly fits?: ((question: Q, before: Q) => boolean) | undefined;
  /** Bytes of a question, and of a batch: one that is larger travels alone. */
  readonly size?: { of(question: Q): number; readonly most: number } | undefined;
}

/**
 * Lets the questions of one tick travel together: what is asked before the event loop turns goes out in few batches, in
 * the order asked.
 */
export class TickBatch<Q> {
  #asked: Q[] = [];

  constructor(
    private readonly send: (batch: readonly Q[]) => void,
    private readonly limit: BatchLimit<Q>,
  ) {}

  add(question: Q): void {
    if (this.#asked.push(question) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (let from = 0; from < asked.length;) {
      const to = this.#end(asked, from);
      this.send(from === 0 && to === asked.length ? asked : asked.slice(from, to));
      from = to;
    }
  }

  /** Where the batch that begins there ends. Batches of equal length: the server works on one while we read another. */
  #end(asked: readonly Q[], from: number): number {
    const left = asked.length - from;
    const most = from + Math.ceil(left / Math.ceil(left / this.limit.count));
    const { fits, size } = this.limit;
    if (fits === undefined && size === undefined) return most;
    let bytes = 0;
    let before: Q | undefined;
    for (const [at, question] of asked.slice(from, most).entries()) {
      bytes += size?.of(question) ?? 0;
      const isApart = before !== undefined && (bytes > (size?.most ?? Infinity) || fits?.(question, before) === false);
      if (isApart) return from + at;
      before = question;
    }
    return most;
  }
}
