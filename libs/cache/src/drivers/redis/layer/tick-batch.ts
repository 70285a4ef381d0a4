interface Asked<V> {
  readonly key: string;
  readonly resolve: (value: V) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lets the reads of one tick travel together: what is asked before the event loop turns goes out in batches of at most
 * `limit`.
 */
export class TickBatch<V> {
  #asked: Asked<V>[] = [];

  constructor(
    private readonly read: (keys: readonly string[]) => Promise<readonly V[]>,
    private readonly limit: number,
  ) {}

  get(key: string): Promise<V> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ key, resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const asked = this.#asked;
    this.#asked = [];
    for (let at = 0; at < asked.length; at += this.limit) void this.#send(asked.slice(at, at + this.limit));
  }

  async #send(batch: readonly Asked<V>[]): Promise<void> {
    try {
      const values = await this.read(batch.map(({ key }) => key));
      for (const [at, { resolve }] of batch.entries()) resolve(values[at] as V);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
