import type { SharedIntent } from '../coherence/lease.js';
import { CacheTimeoutError } from '../errors.js';
import type { DeletedCause } from '../events/cache-event.js';
import type { MaybePromise } from '../layers/layer.js';
import { inTime } from '../shared/in-time.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import type { CacheParts, FleetParts } from './parts.js';
import { inTimeLeft, patienceOf } from './second-trip.js';
import { soon } from './soon.js';
import { rejected, unknown } from './strictly.js';

/** How a key is taken out of a layer. */
export type Change = 'remove' | 'expire';

/** How long a save waits until other processes know of it. */
const ANNOUNCE_MS = 100;

/** What others know of a save that begins. */
export interface Announced {
  /** Nothing where that was not confirmed in time. */
  readonly shared: SharedIntent | undefined;
  /** What was given up and may be confirmed yet: then it has to be ended, or nobody keeps the key until it lapses. */
  readonly late?: Promise<SharedIntent> | undefined;
}

/**
 * Takes keys out of every layer; memory at once. What a layer could not be told is owed to it, so an invalidation ends
 * well even while Redis is away: `false` only when there was no room to remember it.
 */
export class Invalidations {
  constructor(private readonly parts: CacheParts) {}

  /** Nothing that was known of the key is served any more. */
  drop(id: string, cause: DeletedCause = 'call'): Promise<boolean> {
    const { store } = this.parts;
    const done = this.#everywhere(id, { below: () => store.remove(id), hot: () => store.hot.remove(id) });
    this.#deleted(id, cause);
    return done;
  }

  /** What was known of the key is no longer fresh. */
  outdate(id: string): Promise<boolean> {
    const { store } = this.parts;
    const done = this.#everywhere(id, { below: () => store.expire(id), hot: () => store.hot.expire(id) });
    this.#outdated(id);
    return done;
  }

  /**
   * Tells everybody that a save of the key begins. It does not wait long for layers that do not answer: what they hold
   * is then removed later, and the save goes on. Under `strict` it does not.
   * @throws {CacheConsistencyError} `rejected`, under `strict`.
   */
  announce(id: string, level: ConsistencyLevel): MaybePromise<Announced | undefined> {
    const { store, flights, fleet } = this.parts;
    flights.void(id);
    fleet?.waits.changed(id);
    if (fleet === undefined) return this.#expired(id);
    store.hot.expire(id);
    if (level === 'strict') return this.#surely(id, fleet.strict.fence.begin(id)).then((shared) => ({ shared }));
    const late = fleet.fence.begin(id);
    return this.#soon(id, late).then(
      (shared) => ({ shared }),
      (error: unknown) => {
        this.owe(id, error);
        return { shared: undefined, late };
      },
    );
  }

  /**
   * As `drop` or `outdate`; under `strict` all replicas have it when this resolves, under `relaxed` that is not waited for.
   * @throws {CacheConsistencyError} `unknown`, under `strict`; the key is removed as soon as that can be done.
   */
  async change(id: string, change: Change, level: ConsistencyLevel): Promise<boolean> {
    const { fleet, clock } = this.parts;
    if (fleet !== undefined && level === 'strict') return this.#changeSurely(id, change, fleet);
    const done = change === 'remove' ? this.drop(id) : this.outdate(id);
    if (level !== 'relaxed') return done;
    await soon(clock, done);
    return true;
  }

  async #changeSurely(id: string, change: Change, { strict }: FleetParts): Promise<boolean> {
    const { store, intents, keys } = this.parts;
    this.note(id);
    intents.disturb(id);
    try {
      await strict.layer[change](id);
    } catch (error) {
      this.owe(id, error);
      throw unknown(keys.full(id), error);
    }
    this.note(id);
    store.hot[change](id);
    if (change === 'remove') this.#deleted(id, 'call');
    else this.#outdated(id);
    return true;
  }

  /** Takes a key out of this process only, as all others have done that were told. */
  forget(id: string, isRemoved: boolean): void {
    this.note(id);
    this.parts.store.hot.forget(id);
    if (isRemoved) this.#deleted(id, 'call');
  }

  #deleted(id: string, cause: DeletedCause): void {
    const { events, keys, counts } = this.parts;
    counts.of(id).deleted += 1;
    if (events.wants('deleted')) events.emit({ type: 'deleted', key: keys.full(id), cause });
  }

  #outdated(id: string): void {
    const { events, keys, counts } = this.parts;
    counts.of(id).expired += 1;
    if (events.wants('expired')) events.emit({ type: 'expired', key: keys.full(id), cause: 'call' });
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
      await inTimeLeft({ id, trip: done, spent: 0 }, this.parts);
      return true;
    } catch (error) {
      return this.owe(id, error);
    } finally {
      // What was read of the layers below while they were told goes too.
      this.note(id);
      change.hot();
    }
  }

  async #surely<T>(id: string, begun: Promise<T>): Promise<T> {
    try {
      return await begun;
    } catch (error) {
      this.owe(id, error);
      throw rejected(this.parts.keys.full(id), error);
    }
  }

  #soon<T>(id: string, told: Promise<T>): Promise<T> {
    const { clock, keys } = this.parts;
    const ms = Math.min(ANNOUNCE_MS, patienceOf(this.parts));
    const late = (): CacheTimeoutError => {
      const key = keys.full(id);
      const message = `'${key}': Redis took longer than ${ms} ms to tell others of a save.`;
      return new CacheTimeoutError(message, { key, layer: 'shared' });
    };
    return inTime(told, { clock, ms, late });
  }
}
