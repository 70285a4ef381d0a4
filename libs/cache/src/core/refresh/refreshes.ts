import type { EventHub } from '../events/event-hub.js';
import type { Counts } from '../statistics/counts.js';
import type { Clock } from '../shared/clock.js';

/** Why a key is loaded while its callers have an answer already. */
export type RefreshCause = 'stale' | 'early';

export interface RefreshParts {
  readonly events: EventHub;
  readonly counts: Pick<Counts, 'of'>;
  readonly clock: Clock;
  readonly fullKey: (id: string) => string;
  /** Loads at a time. */
  readonly limit: number;
}

/** A load that has a place among those nobody waits for. */
export interface RefreshPlace {
  /** Its callers have been answered: from here on it runs in the background. */
  goOn(cause: RefreshCause): void;
  /** The load is over. */
  end(error?: unknown): void;
}

/** How long the end of the application waits for what is under way, ms. */
const DRAIN_MS = 5_000;

/**
 * The loads that nobody waits for, of all keys: so many at a time, one a key, and waited for at the end. A load that may
 * go on after its callers were answered takes its place before it begins; without one it does not begin.
 */
export class Refreshes {
  readonly #places = new Map<string, RefreshPlace>();
  #drained: (() => void) | undefined;
  #isClosed = false;

  constructor(private readonly parts: RefreshParts) {}

  /** How many there are. */
  get size(): number {
    return this.#places.size;
  }

  /** A place for the load of this key; `undefined`: it has one, all are taken, or the application ends. */
  place(id: string): RefreshPlace | undefined {
    if (this.#places.has(id)) return undefined;
    if (this.#isClosed || this.#places.size >= this.parts.limit) {
      this.parts.events.emit({ type: 'refresh-skipped', key: this.parts.fullKey(id) });
      return undefined;
    }
    const place = this.#newPlace(id);
    this.#places.set(id, place);
    return place;
  }

  /**
   * Loads a key in the background. Never throws, and what the load rejects with is told as an event.
   * `false`: it does not run, because the key is being refreshed already, or there is no place.
   */
  run(id: string, cause: RefreshCause, load: () => Promise<unknown>): boolean {
    if (this.#places.has(id)) return false;
    const place = this.place(id);
    if (place === undefined) return false;
    place.goOn(cause);
    const failed = (error: unknown): void => place.end(error);
    try {
      load().then(() => place.end(), failed);
    } catch (error) {
      failed(error);
    }
    return true;
  }

  /** Begins none any more, and waits a while for those under way. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#places.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.parts.clock.after(DRAIN_MS, resolve);
      this.#drained = () => {
        cancel();
        resolve();
      };
    });
  }

  #newPlace(id: string): RefreshPlace {
    const { events, clock, counts, fullKey } = this.parts;
    let began: number | undefined;
    const goOn = (cause: RefreshCause): void => {
      if (began !== undefined || this.#places.get(id) !== place) return;
      began = clock.now();
      counts.of(id).refreshes += 1;
      events.emit({ type: 'refresh-started', key: fullKey(id), cause });
    };
    const end = (error?: unknown): void => {
      if (this.#places.get(id) !== place) return;
      this.#places.delete(id);
      if (began !== undefined) {
        const failure = error === undefined ? {} : { error };
        events.emit({ type: 'refresh-ended', key: fullKey(id), ms: clock.now() - began, ...failure });
      }
      if (this.#places.size === 0) this.#drained?.();
    };
    const place: RefreshPlace = { goOn, end };
    return place;
  }
}
