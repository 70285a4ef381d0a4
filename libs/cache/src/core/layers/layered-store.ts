import type { NoticeMemory } from '../coherence/notice-memory.js';
import type { Notices } from '../coherence/notices.js';
import { isFresh, isStale, type Entry, type ValueEntry } from '../entry/entry.js';
import { isSameVersion } from '../entry/version.js';
import type { Clock } from '../shared/clock.js';
import type { Verdict } from '../tags/tag-table.js';
import type { Tags } from '../tags/tags.js';
import type { Headers, HotLayer } from './doubts.js';
import type { Filling, Storing } from './storing.js';
import type { Layer, LayerName, MaybePromise, StoreOutcome } from './layer.js';

/** What became of a store: a layer's outcome, or `invalidated` by a notice that came after the request was sent. */
export type LayeredOutcome = StoreOutcome | 'invalidated';

export interface LayeredStoreParts {
  readonly hot: HotLayer;
  /** Farther layers, nearest first. */
  readonly below: readonly Layer[];
  readonly notices: Notices;
  /** The time that entries are dated by. */
  readonly dates: Clock;
  /** What the farthest layer knows of an entry that memory doubts. Without it a doubted entry is as good as none. */
  readonly headers?: Headers | undefined;
  /** What was done to keys lately, where others share the farthest layer and it may lose what it confirmed. */
  readonly remembered?: Pick<NoticeMemory, 'outdates'> | undefined;
  /** How long memory keeps values of a key, ms, unless the entry says. Default: as long as other layers. */
  readonly localTtl?: ((key: string) => number) | undefined;
  /** Which entries have been invalidated without a word about their key. Default: none ever is. */
  readonly tags?: Pick<Tags, 'judge' | 'isOver'> | undefined;
  /** Gives a further trip of a call what the first has left of its time; `spent` in ms. Default: all the time it takes. */
  readonly inTimeLeft?: (<T>(key: string, trip: Promise<T>, spent: number) => Promise<T>) | undefined;
}

/** A fresh value and where it was. */
export interface Found {
  readonly entry: ValueEntry;
  readonly layer: LayerName;
}

/** When an entry was asked for, and who is told of a stale one. */
interface Search {
  readonly since: number;
  /** The time of `dates` when the call began. */
  readonly began: number;
  readonly stale: ((entry: ValueEntry) => void) | undefined;
}

/**
 * Several layers as one, nearest first. A value found below is copied upwards with the lifetime it has left, and every
 * copy obeys the rule of `Notices`: nothing is kept locally that was requested before the key was last invalidated.
 * A layer that fails fails the call; what that means is for the flows to say.
 */
export class LayeredStore {
  readonly hot: HotLayer;
  readonly below: readonly Layer[];
  private readonly notices: Notices;
  private readonly dates: Clock;
  private readonly headers: Headers | undefined;
  private readonly remembered: LayeredStoreParts['remembered'];
  private readonly localTtl: LayeredStoreParts['localTtl'];
  private readonly tags: LayeredStoreParts['tags'];
  private readonly inTimeLeft: LayeredStoreParts['inTimeLeft'];

  constructor(parts: LayeredStoreParts) {
    this.localTtl = parts.localTtl;
    this.tags = parts.tags;
    this.headers = parts.headers;
    this.remembered = parts.remembered;
    this.hot = parts.hot;
    this.below = parts.below;
    this.notices = parts.notices;
    this.dates = parts.dates;
    this.inTimeLeft = parts.inTimeLeft;
  }

  /**
   * The nearest fresh entry below memory, promoted to every layer above it; before those, what memory doubts and is current.
   * @param stale told of a value that is no longer fresh and of use as stale, where none is fresh
   */
  find(key: string, stale?: (entry: ValueEntry) => void): Promise<Found | undefined> {
    const search: Search = { since: this.notices.position(), stale, began: this.dates.coarse() };
    const doubted = this.headers && this.hot.doubted(key);
    return doubted === undefined ? this.#findFrom(0, key, search) : this.#lookAt(key, doubted, search);
  }

  /** Keeps the entry in every layer. */
  store(key: string, entry: Entry, storing: Storing): MaybePromise<LayeredOutcome> {
    return this.below.length === 0 ? this.#storeHot(key, entry, storing) : this.#storeAll(key, entry, storing);
  }

  /**
   * Keeps what was loaded under a lease: where all share it first, and in this process only what was kept there.
   * `invalidated`: the lease is void, or a change of the key that voided it was lost.
   */
  async fill(key: string, entry: ValueEntry, filling: Filling): Promise<LayeredOutcome> {
    const { since, fence, lease } = filling;
    if (this.remembered?.outdates(key, lease.assigned) === true) {
      void fence.yield(lease, 'unfilled').catch(() => undefined);
      return 'invalidated';
    }
    try {
      if (!(await fence.fill(lease, entry))) return 'invalidated';
    } catch (error) {
      void fence.yield(lease, 'unfilled').catch(() => undefined);
      throw error;
    }
    await this.keepHere(key, entry, { since, cause: 'load' });
    return 'stored';
  }

  /** Keeps the entry in memory only. */
  storeHere(key: string, entry: ValueEntry, storing: Storing): LayeredOutcome {
    return this.#storeHot(key, entry, storing);
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

  /**
   * Whether what all share gave an entry that is known to have been replaced or removed before it was asked for: it came
   * back with a server that had not heard of that.
   */
  isReturned(key: string, { version }: ValueEntry, since: number): boolean {
    return this.remembered?.outdates(key, version.assigned) === true && !this.notices.tellsOf(key, since);
  }

  /** Whether an entry may be served as fresh, as far as its tags say. One that may not is remembered as being over. */
  stands(key: string, entry: ValueEntry): MaybePromise<boolean> {
    const verdict = this.#judge(key, entry);
    return verdict instanceof Promise ? verdict.then((said) => said === 'valid') : verdict === 'valid';
  }

  #judge(key: string, entry: ValueEntry): MaybePromise<Verdict> {
    const verdict = this.tags?.judge(key, entry) ?? 'valid';
    if (verdict instanceof Promise) return verdict.then((said) => this.#judged(key, entry, said));
    return this.#judged(key, entry, verdict);
  }

  #judged(key: string, { version }: ValueEntry, verdict: Verdict): Verdict {
    // What another service invalidates as it likes nobody here may replace.
    if (verdict !== 'valid' && verdict !== 'foreign') this.tags?.isOver(key, version.assigned);
    return verdict;
  }

  /** Keeps in memory what another layer gave, unless the key changed since it was asked. */
  keepFound(key: string, entry: Entry, since: number): void {
    if (this.notices.keeps(key, since)) this.#keepHot(key, entry, { since, cause: 'load' });
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
    // What the farthest layer has placed needs no order of its own here.
    const placed: Storing = storing.cause === 'contested' ? { ...storing, cause: 'write' } : storing;
    const inMemory = this.#storeHot(key, entry, placed);
    return isKept && this.notices.admits(key, storing.since) ? 'stored' : inMemory;
  }

  /** An entry that memory doubts: current if all others know the same. */
  async #lookAt(key: string, entry: ValueEntry, search: Search): Promise<Found | undefined> {
    const { since } = search;
    const header = await this.headers?.header(key);
    const isCurrent = header !== undefined && isSameVersion(header.version, entry.version);
    // One that is fresh for less long than memory has it stands beside a write under way: it is read anew, with its times.
    const isAsFresh = header !== undefined && header.freshUntil >= Math.floor(entry.freshUntil);
    const isFreshThere = isCurrent && isAsFresh && !this.isReturned(key, entry, since);
    const stands = async (): Promise<boolean> => this.stands(key, entry);
    if (isFreshThere && header.freshUntil > this.dates.now() && (await this.#further(key, stands(), search))) {
      if (this.notices.keeps(key, since) && this.notices.trusts(key, since)) this.hot.confirm(key, entry.version);
      return { entry, layer: this.hot.name };
    }
    // Else it would refuse what is older, which may be all there is after a failover.
    if (this.hot.doubted(key) !== undefined) this.hot.forget(key);
    const found = this.#findFrom(0, key, { ...search, since: this.notices.position() });
    return this.#further(key, found, search);
  }

  #further<T>(key: string, trip: Promise<T>, { began }: Search): Promise<T> {
    return this.inTimeLeft?.(key, trip, this.dates.coarse() - began) ?? trip;
  }

  /** Not `async`: where there is one layer below, this is the way of every hit in it. */
  #findFrom(depth: number, key: string, search: Search): Promise<Found | undefined> {
    const { since, stale } = search;
    const layer = this.below[depth];
    if (layer === undefined) return Promise.resolve(undefined);
    const take = (entry: Entry | undefined): MaybePromise<Found | undefined> => {
      if (entry?.kind !== 'value' || (layer.name === 'shared' && this.isReturned(key, entry, since)))
        return this.#findBelow(depth, key, search);
      const isFreshNow = isFresh(entry, this.dates.now());
      if (!isFreshNow && (stale === undefined || !isStale(entry, this.dates.now())))
        return this.#findBelow(depth, key, search);
      const go = (verdict: Verdict): MaybePromise<Found | undefined> => {
        if (isFreshNow && verdict === 'valid') return this.#found(key, entry, { since, depth });
        this.#offer(key, entry, { verdict, search });
        return this.#findBelow(depth, key, search);
      };
      const verdict = this.#judge(key, entry);
      return verdict instanceof Promise ? this.#further(key, verdict, search).then(go) : go(verdict);
    };
    const entry = layer.read(key);
    return entry instanceof Promise ? entry.then(take) : Promise.resolve(take(entry));
  }

  #findBelow(depth: number, key: string, search: Search): MaybePromise<Found | undefined> {
    return depth + 1 < this.below.length ? this.#findFrom(depth + 1, key, search) : undefined;
  }

  /** A value that is no longer fresh, by its time or by its tags, for those who may be given it. */
  #offer(key: string, entry: ValueEntry, { verdict, search }: { verdict: Verdict; search: Search }): void {
    if (search.stale === undefined || verdict === 'deleted' || verdict === 'foreign') return;
    const offered = verdict === 'expired' ? { ...entry, freshUntil: 0 } : entry;
    if (!isStale(offered, this.dates.now())) return;
    this.keepFound(key, offered, search.since);
    search.stale(offered);
  }

  #found(key: string, entry: ValueEntry, { since, depth }: { since: number; depth: number }): MaybePromise<Found> {
    const found = { entry, layer: this.below[depth]?.name ?? this.hot.name };
    if (depth > 0) return this.#promote(key, entry, { since, depth }).then(() => found);
    this.keepFound(key, entry, since);
    return found;
  }

  #storeHot(key: string, entry: Entry, storing: Storing): LayeredOutcome {
    if (this.notices.keeps(key, storing.since)) return this.#keepHot(key, entry, storing);
    // What is there is older than a write of our own.
    if (storing.cause !== 'load') this.hot.forget(key);
    return 'invalidated';
  }

  #keepHot(key: string, entry: Entry, { since, cause }: Storing): StoreOutcome {
    const here = this.#hereOf(key, entry);
    if (here === undefined) {
      this.hot.forget(key);
      return 'stored';
    }
    const outcome = this.hot.store(key, here, cause);
    if (!this.notices.trusts(key, since)) this.hot.doubt(key);
    return outcome;
  }

  /** The entry for as long as memory keeps it; `undefined`: memory does not. */
  #hereOf(key: string, entry: Entry): Entry | undefined {
    if (entry.kind !== 'value') return entry;
    const ttl = entry.localTtl ?? this.localTtl?.(key) ?? Infinity;
    if (ttl === Infinity) return entry;
    const until = this.dates.now() + ttl;
    if (ttl === 0) return undefined;
    return entry.freshUntil <= until ? entry : { ...entry, freshUntil: until };
  }

  async #promote(key: string, entry: Entry, { since, depth }: { since: number; depth: number }): Promise<void> {
    for (const layer of this.below.slice(0, depth).toReversed()) {
      // Asked again before each: a notice may have come while the one below took it.
      if (!this.notices.keeps(key, since)) return;
      await layer.store(key, entry, 'load');
    }
    this.keepFound(key, entry, since);
  }

  async #each(action: (layer: Layer) => MaybePromise<void>): Promise<void> {
    await Promise.all(this.below.map(async (layer) => action(layer)));
  }
}
