import type { CacheEvent, CacheEventType, EventOf } from './cache-event.js';

/** Ends a subscription. */
export type Unsubscribe = () => void;

type Listener = (event: CacheEvent) => unknown;

/**
 * What the cache tells, for whoever wants to know: logs, metrics, tests. Inject it to listen.
 *
 * @example events.on('load-failed', ({ key, error }) => this.alerts.send(key, error));
 */
export abstract class CacheEvents {
  /** Calls the listener for every event of a type, at once and in order; what it throws is dropped. */
  abstract on<T extends CacheEventType>(type: T, listener: (event: EventOf<T>) => void): Unsubscribe;
}

/**
 * Where the cache tells and others listen. A listener cannot harm the caller: what it throws or rejects with is dropped,
 * because there is nobody left to tell.
 */
export class EventHub extends CacheEvents {
  readonly #listeners = new Map<CacheEventType, Set<Listener>>();

  /** Whether hits are listened to: asked on the hit path, so a plain field. */
  hits = false;

  on<T extends CacheEventType>(type: T, listener: (event: EventOf<T>) => void): Unsubscribe {
    const entry = ((event: EventOf<T>): unknown => listener(event)) as Listener;
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set.add(entry));
    this.#recount();
    return () => {
      set.delete(entry);
      this.#recount();
    };
  }

  /** Whether anybody listens: ask before building an event that costs something. */
  wants(type: CacheEventType): boolean {
    return (this.#listeners.get(type)?.size ?? 0) > 0;
  }

  emit(event: CacheEvent): void {
    const listeners = this.#listeners.get(event.type);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        const answer: unknown = listener(event);
        if (answer instanceof Promise) answer.catch(() => undefined);
      } catch {
        // A broken listener must not fail a read; see the class comment.
      }
    }
  }

  #recount(): void {
    this.hits = this.wants('hit');
  }
}
