import type { Fence, Lease } from '../coherence/fence.js';
import type { Notices } from '../coherence/notices.js';
import { isFresh, type Entry, type ValueEntry } from '../entry/entry.js';
import type { Clock } from '../shared/clock.js';
import type { Layer, LayerName, LocalLayer, MaybePromise, StoreCause, StoreOutcome } from './layer.js';

/** What became of a store: a layer's outcome, or `invalidated` by a notice that came after the request was sent. */
export type LayeredOutcome = StoreOutcome | 'invalidated';

export interface LayeredStoreParts {
  readonly hot: LocalLayer;
  /** Farther layers, nearest first. */
  readonly below: readonly Layer[];
  readonly notices: Notices;
  /** The time that entries are dated by. */
  readonly dates: Clock;
}

/** A fresh value and where it was. */
export interface Found {
  readonly entry: ValueEntry;
  readonly layer: LayerName;
}

/** When a value's request was sent, and why it is stored. */
export interface Storing {
  /** The position of the notices then. */
  readonly since: number;
  readonly cause: StoreCause;
}

/** Under which lease a value was loaded, and when that was asked for. */
export interface Filling {
  readonly since: number;
  readonly fence: Pick<Fence, 'fill' | 'yield'>;
  readonly lease: Lease;
}

/**
 * Several layers as one, nearest first. A value found below is copied upwards with the lifetime it has left, and every
 * copy obeys the rule of `Notices`: nothing is kept locally that was requested before the key was last invalidated.
 * A layer that fails fails the call; what that means is for the flows to say.
 */
export class LayeredStore {
  readonly hot: LocalLayer;
  readonly below: readonly Layer[];
  private readonly notices: Notices;
  private readonly dates: Clock;

  constructor({ hot, below, notices, dates }: LayeredStoreParts) {
    this.hot = hot;
    this.below = below;
    this.notices = notices;
    this.dates = dates;
  }

  /** The nearest fresh entry below memory, promoted to every layer above it. */
  find(key: string): Promise<Found | undefined> {
    return this.#findFrom(0, key, this.notices.position());
  }

  /** Keeps the entry in every layer. */
  store(key: string, entry: Entry, storing: Storing): MaybePromise<LayeredOutcome> {
    return this.below.length === 0 ? this.#storeHot(key, entry, storing) : this.#storeAll(key, entry, storing);
  }

  /**
   * Keeps what was loaded under a lease: where all share it first, and in this process only what was kept there.
   * `invalidated`: the lease is void.
   */
  async fill(key: string, entry: ValueEntry, filling: Filling): Promise<LayeredOutcome> {
    const { since, fence, lease } = filling;
    try {
      if (!(await fence.fill(lease, entry))) return 'invalidated';
    } catch (error) {
      void fence.yield(lease, 'unfilled').catch(() => undefined);
      throw error;
    }
    await this.keepHere(key, entry, { since, cause: 'load' });
    return 'stored';
  }

  /** Keeps in this process what all others share already. */
  async keepHere(key: string, entry: ValueEntry, storing: Storing): Promise<void> {
    for (const layer of this.below.toReversed()) {
      if (layer.name === 'shared') continue;
      if (!this.notices.keeps(key, storing.since)) return;
      await layer.store(key, entry, storing.cause);
    }
    this.#storeHot(key, entry, storing);
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
  async #storeAll(key: string, entry: Entry, storing: Storing): Promise<LayeredOutcome> {
    let isKept = false;
    for (const layer of this.below.toReversed()) {
      if (!this.notices.admits(key, storing.since)) return 'invalidated';
      if (layer.name !== 'shared' && !this.notices.keeps(key, storing.since)) continue;
      const outcome = await layer.store(key, entry, storing.cause);
      if (outcome === 'older') {
        this.hot.forget(key);
        return outcome;
      }
      isKept ||= outcome === 'stored';
    }
    const inMemory = this.#storeHot(key, entry, storing);
    return isKept && this.notices.admits(key, storing.since) ? 'stored' : inMemory;
  }

  /** Not `async`: where there is one layer below, this is the way of every hit in it. */
  #findFrom(depth: number, key: string, since: number): Promise<Found | undefined> {
    const layer = this.below[depth];
    if (layer === undefined) return Promise.resolve(undefined);
    const take = (entry: Entry | undefined): MaybePromise<Found | undefined> => {
      if (entry?.kind !== 'value' || !isFresh(entry, this.dates.now())) {
        return depth + 1 < this.below.length ? this.#findFrom(depth + 1, key, since) : undefined;
      }
      const found = { entry, layer: layer.name };
      if (depth > 0) return this.#promote(key, entry, { since, depth }).then(() => found);
      if (this.notices.keeps(key, since)) this.hot.store(key, entry, 'load');
      return found;
    };
    const entry = layer.read(key);
    return entry instanceof Promise ? entry.then(take) : Promise.resolve(take(entry));
  }

  #storeHot(key: string, entry: Entry, { since, cause }: Storing): LayeredOutcome {
    return this.notices.keeps(key, since) ? this.hot.store(key, entry, cause) : 'invalidated';
  }

  async #promote(key: string, entry: Entry, { since, depth }: { since: number; depth: number }): Promise<void> {
    for (const layer of this.below.slice(0, depth).toReversed()) {
      // Asked again before each: a notice may have come while the one below took it.
      if (!this.notices.keeps(key, since)) return;
      await layer.store(key, entry, 'load');
    }
    if (this.notices.keeps(key, since)) this.hot.store(key, entry, 'load');
  }

  async #each(action: (layer: Layer) => MaybePromise<void>): Promise<void> {
    await Promise.all(this.below.map(async (layer) => action(layer)));
  }
}
