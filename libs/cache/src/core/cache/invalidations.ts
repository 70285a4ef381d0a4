import type { SharedIntent } from '../coherence/lease.js';
import { CacheTimeoutError } from '../errors.js';
import type { MaybePromise } from '../layers/layer.js';
import { inTime } from '../shared/in-time.js';
import type { CacheParts } from './parts.js';

/** How long a save waits until other processes know of it. */
const ANNOUNCE_MS = 100;

/**
 * Takes keys out of every layer; memory at once. What a layer could not be told is owed to it, so an invalidation ends
 * well even while Redis is away: `false` only when there was no room to remember it.
 */
export class Invalidations {
  constructor(private readonly parts: CacheParts) {}

  /** Nothing that was known of the key is served any more. */
  drop(id: string): Promise<boolean> {
    const { store, events, keys } = this.parts;
    const done = this.#everywhere(id, { below: () => store.remove(id), hot: () => store.hot.remove(id) });
    if (events.wants('deleted')) events.emit({ type: 'deleted', key: keys.full(id) });
    return done;
  }

  /** What was known of the key is no longer fresh. */
  outdate(id: string): Promise<boolean> {
    const { store, events, keys } = this.parts;
    const done = this.#everywhere(id, { below: () => store.expire(id), hot: () => store.hot.expire(id) });
    if (events.wants('expired')) events.emit({ type: 'expired', key: keys.full(id) });
    return done;
  }

  /**
   * Tells everybody that a save of the key begins. It does not wait long for layers that do not answer: what they hold
   * is then removed later, and the save goes on.
   */
  announce(id: string): MaybePromise<SharedIntent | undefined> {
    const { store, flights, fleet } = this.parts;
    flights.void(id);
    fleet?.waits.changed(id);
    if (fleet === undefined) return this.#expired(id);
    store.hot.expire(id);
    return this.#soon(id, fleet.fence.begin(id)).catch((error: unknown) => void this.owe(id, error));
  }

  /** Takes a key out of this process only, as all others have done that were told. */
  forget(id: string, isRemoved: boolean): void {
    const { store, events, keys } = this.parts;
    this.note(id);
    store.hot.forget(id);
    if (isRemoved && events.wants('deleted')) events.emit({ type: 'deleted', key: keys.full(id) });
  }

  #expired(id: string): MaybePromise<undefined> {
    const expired = this.parts.store.expire(id);
    if (!(expired instanceof Promise)) return undefined;
    return this.#soon(id, expired).then(
      () => undefined,
      (error: unknown) => void this.owe(id, error),
    );
  }

  /** Nobody knows what a layer holds after this error: memory forgets the key, and so will that layer. */
  owe(id: string, error: unknown): boolean {
    const isQueued = this.parts.recovery.owe(id, error);
    this.note(id);
    this.parts.store.hot.remove(id);
    return isQueued;
  }

  /** Loads and writes that began before are refused from here on. Where the notices stand then. */
  note(id: string): number {
    this.parts.flights.void(id);
    this.parts.fleet?.waits.changed(id);
    return this.parts.notices.note(id);
  }

  async #everywhere(id: string, change: { below: () => void | Promise<void>; hot: () => void }): Promise<boolean> {
    this.note(id);
    this.parts.intents.disturb(id);
    const done = change.below();
    if (!(done instanceof Promise)) return true;
    try {
      await done;
      return true;
    } catch (error) {
      return this.owe(id, error);
    } finally {
      // What was read of the layers below while they were told goes too.
      this.note(id);
      change.hot();
    }
  }

  #soon<T>(id: string, told: Promise<T>): Promise<T> {
    const { clock, keys } = this.parts;
    const late = (): CacheTimeoutError => {
      const key = keys.full(id);
      const message = `'${key}': Redis took longer than ${ANNOUNCE_MS} ms to tell others of a save.`;
      return new CacheTimeoutError(message, { key, layer: 'shared' });
    };
    return inTime(told, { clock, ms: ANNOUNCE_MS, late });
  }
}
