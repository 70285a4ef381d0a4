import type { RedisSubscriber } from '../subscriber.js';

type Listener = (name: string) => void;

/** Hears that a lock is free which this process stands in line for. */
export class WakeCalls {
  /** The names that are waited for, by what stands for them in keys and messages. */
  readonly #names = new Map<string, string>();
  readonly #listeners = new Set<Listener>();
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly subscriber: RedisSubscriber,
    private readonly channel: string,
  ) {}

  /** Subscribes once. Names that came before it was confirmed, or while it was lost, are called then. */
  start(): void {
    this.#unsubscribe ??= this.subscriber.listen(this.channel, {
      subscribed: () => {
        for (const segment of this.#names.keys()) this.#call(segment);
      },
      lost: () => undefined,
      message: (payload) => this.#call(payload.toString()),
    });
  }

  expect(segment: string, name: string): void {
    this.#names.set(segment, name);
  }

  forget(segment: string): void {
    this.#names.delete(segment);
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#unsubscribe?.();
    this.#names.clear();
    this.#listeners.clear();
  }

  #call(segment: string): void {
    const name = this.#names.get(segment);
    if (name === undefined) return;
    for (const listener of this.#listeners) listener(name);
  }
}
