import type { Notices } from '../coherence/notices.js';
import { isFresh, type Entry, type ValueEntry } from '../entry/entry.js';
import type { Clock } from '../shared/clock.js';
import type { Layer, LocalLayer, MaybePromise, StoreOutcome } from './layer.js';

/** What became of a store: a layer's outcome, or `invalidated` by a notice that came after the request was sent. */
export type LayeredOutcome = StoreOutcome | 'invalidated';

export interface LayeredStoreParts {
  readonly hot: LocalLayer;
  /** Farther layers, nearest first. */
  readonly below: readonly Layer[];
  readonly notices: Notices;
  readonly clock: Clock;
}

/**
 * Several layers as one, nearest first. A value found below is copied upwards with the lifetime it has left, and every
 * copy obeys the rule of `Notices`: nothing is kept locally that was requested before the key was last invalidated.
 */
export class LayeredStore {
  readonly hot: LocalLayer;
  readonly below: readonly Layer[];
  private readonly notices: Notices;
  private readonly clock: Clock;

  constructor({ hot, below, notices, clock }: LayeredStoreParts) {
    this.hot = hot;
    this.below = below;
    this.notices = notices;
    this.clock = clock;
  }

  /** The nearest fresh entry below memory, promoted to every layer above it. */
  async find(key: string): Promise<ValueEntry | undefined> {
    const since = this.notices.position();
    for (const [depth, layer] of this.below.entries()) {
      const entry = await layer.read(key);
      if (entry?.kind !== 'value' || !isFresh(entry, this.clock.now())) continue;
      await this.#promote(key, entry, { since, depth });
      return entry;
    }
    return undefined;
  }

  /** Keeps the entry in every layer; `since` is the position when its request was sent. */
  store(key: string, entry: Entry, since: number): MaybePromise<LayeredOutcome> {
    if (!this.notices.admits(key, since)) return 'invalidated';
    return this.below.length === 0 ? this.hot.store(key, entry) : this.#storeAll(key, entry, since);
  }

  remove(key: string): MaybePromise<void> {
    this.hot.remove(key);
    return this.below.length === 0 ? undefined : this.#each((layer) => layer.remove(key));
  }

  expire(key: string): MaybePromise<void> {
    this.hot.expire(key);
    return this.below.length === 0 ? undefined : this.#each((layer) => layer.expire(key));
  }

  async close(): Promise<void> {
    this.hot.close();
    await this.#each((layer) => layer.close());
  }

  /** The farthest layer decides, because it has seen the most writers. */
  async #storeAll(key: string, entry: Entry, since: number): Promise<LayeredOutcome> {
    for (const layer of this.below.toReversed()) {
      if (!this.notices.admits(key, since)) return 'invalidated';
      const outcome = await layer.store(key, entry);
      if (outcome === 'older') return outcome;
    }
    return this.notices.admits(key, since) ? this.hot.store(key, entry) : 'invalidated';
  }

  async #promote(key: string, entry: Entry, { since, depth }: { since: number; depth: number }): Promise<void> {
    for (const layer of [...this.below.slice(0, depth).toReversed(), this.hot]) {
      // Asked again before each: a notice may have come while the one below took it.
      if (!this.notices.admits(key, since)) return;
      await layer.store(key, entry);
    }
  }

  async #each(action: (layer: Layer) => MaybePromise<void>): Promise<void> {
    await Promise.all(this.below.map(async (layer) => action(layer)));
  }
}
