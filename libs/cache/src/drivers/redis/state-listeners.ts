import type { Unsubscribe } from '../../core/events/event-hub.js';
import type { RedisState } from './redis-connections.js';

type Listener = (state: RedisState) => void;

/** Who wants to know whether Redis is there. */
export class StateListeners {
  readonly #all = new Set<Listener>();

  constructor(
    private readonly address: string,
    first: Listener | undefined,
  ) {
    if (first !== undefined) this.#all.add(first);
  }

  add(listener: Listener): Unsubscribe {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  ready(): void {
    for (const listener of this.#all) listener({ state: 'ready', address: this.address });
  }

  lost(reason: string): void {
    for (const listener of this.#all) listener({ state: 'lost', address: this.address, reason });
  }

  clear(): void {
    this.#all.clear();
  }
}
