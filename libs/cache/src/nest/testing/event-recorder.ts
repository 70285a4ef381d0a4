import type { CacheEvent, CacheEventType, EventOf } from '../../core/events/cache-event.js';
import { EVENT_TYPES } from '../../core/events/cache-event.js';
import type { CacheEvents } from '../../core/events/event-hub.js';

/** Everything the cache told, in order, for a test to look at. */
export class EventRecorder {
  readonly #events: CacheEvent[] = [];

  constructor(events: CacheEvents) {
    for (const type of EVENT_TYPES) events.on(type, (event) => this.#events.push(event));
  }

  /** All events so far. */
  get all(): readonly CacheEvent[] {
    return this.#events;
  }

  /** The events of one type. */
  of<T extends CacheEventType>(type: T): readonly EventOf<T>[] {
    return this.#events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Their types in order: `['miss', 'load-started', 'loaded', 'stored', 'hit']`. */
  get types(): readonly CacheEventType[] {
    return this.#events.map(({ type }) => type);
  }

  clear(): void {
    this.#events.length = 0;
  }
}
