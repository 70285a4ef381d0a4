import type { Kept } from '../layers/layer.js';
import { Refreshes } from '../refresh/refreshes.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import { EarlyRefreshes } from './early-refreshes.js';
import { HitSamples } from './hit-samples.js';
import { Invalidations, type Change } from './invalidations.js';
import { Keeper } from './keeper.js';
import { view } from './deliver.js';
import { notInvalidated } from './not-invalidated.js';
import { NearReads } from './near-reads.js';
import type { CacheParts } from './parts.js';
import { checkSignal, leavable } from './leave.js';
import type { CallPolicy, CallReadOptions } from './policy.js';
import { Loading, type Loader } from './loading.js';
import { ReadThrough } from './read-through.js';
import type { RecoveryFigures } from './recovery.js';
import type { CallRules } from './rules.js';
import { Setter } from './setter.js';
import { StrictReads } from './strict-reads.js';
import { tagList } from '../tags/tags-option.js';
import { TagInvalidations } from './tag-invalidations.js';
import { Tagging } from '../tags/tagging.js';
import type { TagMode } from '../tags/tag-store.js';
import { TransactionWrites } from './transaction-writes.js';
import { Turns } from './turns.js';
import { underUpdateLock } from './update-lock.js';
import { WriteThrough, type Settling, type Write } from './write-through.js';

/** The cache without a framework: every verb, for keys as users write them. Services and decorators are thin over it. */
export class Cache {
  /** Which hits are compared with their source, and what came of it. */
  readonly samples: HitSamples;
  /** The loads that nobody waits for. */
  readonly refreshes: Refreshes;
  /** Loads values anew before their time is over, where the rules of their readers say so. */
  readonly early: EarlyRefreshes;
  readonly #near: NearReads;
  /** Of the parts what the way of a hit asks. */
  readonly #events: CacheParts['events'];
  readonly #hot: CacheParts['store']['hot'];
  readonly #reads: ReadThrough;
  /** Where processes share entries: otherwise what every read does is strict. */
  readonly #strictReads: StrictReads | undefined;
  readonly #writes: WriteThrough;
  readonly #transactions: TransactionWrites;
  readonly #setter: Setter;
  readonly #invalidations: Invalidations;
  readonly #keeper: Keeper;
  readonly #tags: TagInvalidations;

  constructor(readonly parts: CacheParts) {
    this.#events = parts.events;
    this.#hot = parts.store.hot;
    this.#tags = new TagInvalidations(parts);
    this.#keeper = new Keeper(parts);
    this.#invalidations = new Invalidations(parts);
    this.samples = new HitSamples(parts, (id) => this.#invalidations.drop(id, 'stale'));
    const { fleet } = parts;
    const turns = fleet && new Turns(parts, fleet);
    const { clock, counts, events, keys, maxRefreshes: limit = 100 } = parts;
    this.refreshes = new Refreshes({ clock, counts, events, fullKey: (id) => keys.full(id), limit });
    const ways = {
      refreshes: this.refreshes,
      keeper: this.#keeper,
      samples: this.samples,
      loading: new Loading(parts),
      turns,
    };
    this.#reads = new ReadThrough(parts, ways);
    this.early = new EarlyRefreshes(parts, this.refreshes, this.#reads);
    this.#strictReads = fleet && turns && new StrictReads(parts, fleet, { ...ways, turns });
    this.#writes = new WriteThrough(parts, this.#keeper, this.#invalidations);
    this.#transactions = new TransactionWrites(parts.transactions, this.#writes);
    this.#near = new NearReads(parts, this.#transactions);
    this.#setter = new Setter(parts, this.#keeper, this.#invalidations);
  }

  /** As `NearReads.fresh`. */
  fresh(id: string, rules: CallRules): Promise<unknown> | undefined {
    return this.#near.fresh(id, rules);
  }

  /** As `NearReads.peek`. */
  peek(id: string, rules: CallRules): Kept | undefined {
    return this.#near.peek(id, rules);
  }

  /** A fresh value in memory for a call without options, as a kept promise; `undefined` sends the caller the long way. */
  hit(key: string): Promise<unknown> | undefined {
    return this.#events.hits || this.#transactions.hides() ? undefined : this.#hot.hit(key);
  }

  async get(key: string): Promise<unknown> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forKey(id);
    const fresh = this.fresh(id, rules);
    if (fresh !== undefined) return fresh;
    if (this.parts.store.below.length === 0 || this.#transactions.hides()) return this.parts.counts.missed(id);
    if (rules.level === 'strict') return this.#strictReads?.get(id, rules);
    const landing = this.#reads.joinLanding(id, rules);
    if (landing !== undefined) return landing;
    const found = await this.#reads.find(id, rules);
    return typeof found === 'object' ? view(found, rules) : this.parts.counts.missed(id);
  }

  async set(key: string, value: unknown, options?: CallPolicy): Promise<void> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forWrite(id, options);
    if (this.#isInTransaction) this.check(id, value, rules);
    await (this.#transactions.hold([id], rules.level) ?? this.#setter.set(id, value, rules));
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#invalidate(keys, 'remove');
  }

  async expire(keys: readonly string[]): Promise<void> {
    await this.#invalidate(keys, 'expire');
  }

  /**
   * Takes every entry with one of these tags out of these caches, or makes it stale: in one operation a cache, whatever the
   * number of entries. In a database transaction that is done at its end.
   * @throws {CacheKeyError} for what is no tag. @throws {CacheWriteError} when it could be neither done nor queued.
   */
  async invalidateTags(tags: readonly string[], mode: TagMode, caches: Iterable<string>): Promise<void> {
    const names = tagList(tags, 'tags');
    if (names.length > 0) await this.#invalidated([...caches], names, mode);
  }

  /** Everything that these caches hold is over, at once and without looking for it. @throws as `invalidateTags`. */
  async clear(caches: Iterable<string>): Promise<void> {
    await this.#invalidated([...caches], [], 'delete');
  }

  /** What is owed to the shared layer may be made up for now. */
  makeUp(): void {
    this.parts.recovery.nudge();
    this.#tags.debts.nudge();
  }

  /** Ends the work in the background, after one last try of what is owed. */
  async stop(): Promise<void> {
    this.samples.close();
    await Promise.all([this.refreshes.close(), this.parts.recovery.close(), this.#tags.debts.close()]);
  }

  /** What is and was owed to the shared layer, of keys and of tags. */
  recovery(): RecoveryFigures {
    const [keys, tags] = [this.parts.recovery.figures(), this.#tags.debts.figures()];
    return { owed: keys.owed + tags.owed, recovered: keys.recovered + tags.recovered, lost: keys.lost + tags.lost };
  }

  /** What is known of tags now, for a save of keys that begin so. */
  tagging(id: string): Tagging {
    return new Tagging(this.parts.tags.generation(id));
  }

  /** Not `async`: in a stampede a promise per caller is most of the cost. */
  readThrough(key: string, load: Loader, options?: CallReadOptions): Promise<unknown> {
    const joined = options === undefined ? this.#reads.joinStanding(key) : undefined;
    if (joined !== undefined) return joined;
    try {
      const signal = options?.signal;
      checkSignal(signal);
      const id = this.parts.keys.normalize(key);
      const rules = this.parts.rules.forKey(id, options);
      const fresh = this.fresh(id, rules);
      if (fresh === undefined) return signal ? this.#leavable(id, load, { rules, signal }) : this.load(id, load, rules);
      if (rules.early !== undefined) this.early.read(id, load, rules);
      if (--this.samples.left === 0) this.samples.take(id, { load, rules });
      return fresh;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async writeThrough(key: string, value: unknown, save: () => unknown, options?: CallPolicy): Promise<unknown> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forWrite(id, options);
    this.#keeper.freeze(id, value, rules);
    const saved = await this.write(id, {
      rules,
      save: async () => save(),
      value: (result) => (result === undefined ? value : result),
    });
    return saved === undefined ? value : saved;
  }

  async cacheAside(key: string, update: () => unknown, options?: CallPolicy): Promise<unknown> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forWrite(id, options);
    return this.update(id, { rules, save: async () => update(), value: (result) => result });
  }

  /** `readThrough` for an id that memory has nothing fresh of. */
  obtain(
    id: string,
    load: Loader,
    { rules, signal }: Pick<CallReadOptions, 'signal'> & { rules: CallRules },
  ): Promise<unknown> {
    return signal ? this.#leavable(id, load, { rules, signal }) : this.load(id, load, rules);
  }

  /** `readThrough` for an id whose rules are known and that memory has nothing fresh of. */
  load(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const strict = rules.level === 'strict' ? this.#strictReads : undefined;
    if (!this.#isInTransaction) {
      const isAnew = rules.fresh === true && !this.parts.scope.isLoading(this.parts.keys.full(id));
      return isAnew ? this.#anew(id, load, rules) : (strict ?? this.#reads).read(id, load, rules);
    }
    const isSkipped = strict !== undefined || rules.fresh === true || rules.skips?.shared === true;
    return this.#reads.readApart(id, load, { rules, asksLayers: !isSkipped && !this.#transactions.hides() });
  }

  /** `writeThrough` for an id whose rules are known. */
  write<R>(id: string, write: Write<R>): Promise<R> {
    const held = this.#transactions.hold([id], write.rules.level);
    return held === undefined ? this.#writes.write(id, write) : held.then(() => write.save());
  }

  /** Changes the source, and takes the keys out of every layer: nothing is kept of them meanwhile. */
  evict<R>(ids: readonly string[], change: () => Promise<R>, level?: ConsistencyLevel): Promise<R> {
    const held = this.#transactions.hold(ids, level);
    return held === undefined ? this.#writes.remove(ids, change, level) : held.then(change);
  }

  /** `cacheAside` for an id whose rules are known: one update of a key at a time. */
  update<R>(id: string, write: Write<R>): Promise<R> {
    return underUpdateLock(id, () => this.write(id, write), this.parts);
  }

  /** Keeps what was saved under a key that was known only afterwards. */
  settle(id: string, value: unknown, keep: Settling): Promise<void> {
    return this.#transactions.hold([id]) ?? this.#writes.settle(id, value, keep);
  }

  /**
   * Refuses what no layer could keep, before anything is changed.
   * @throws {CacheSerializationError}
   */
  check(id: string, value: unknown, rules: CallRules): void {
    this.#keeper.freeze(id, value, rules);
  }

  close(): Promise<void> {
    return this.parts.store.close();
  }

  #leavable(id: string, load: Loader, { rules, signal }: { rules: CallRules; signal: AbortSignal }): Promise<unknown> {
    const { flights, scope } = this.parts;
    const loading = this.load(id, load, rules);
    const isFlight = !this.#isInTransaction && (rules.level !== 'strict' || this.#strictReads === undefined);
    const flight = isFlight ? flights.find(id) : undefined;
    // Within a load of the key nobody waits for that load.
    const joined = flight !== undefined && scope.isWithin(flight) ? undefined : flight;
    return leavable(loading, { id, signal, flight: joined, flights });
  }

  /** Loads what is no longer fresh for anybody from now on. */
  async #anew(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const isOutdated = await this.#invalidations.change(id, 'expire', rules.level);
    // What Redis could not be told is not asked of it.
    if (!isOutdated) return this.#reads.readApart(id, load, { rules, asksLayers: false });
    return this.load(id, load, { ...rules, fresh: false });
  }

  get #isInTransaction(): boolean {
    return this.parts.transactions?.current() !== undefined;
  }

  /** A wrong key refuses the whole call before anything is changed. */
  async #invalidate(keys: readonly string[], change: Change): Promise<void> {
    const ids = keys.map((key) => this.parts.keys.normalize(key));
    const held = this.#transactions.hold(ids);
    if (held !== undefined) return held;
    const done = await Promise.all(
      ids.map((id) => this.#invalidations.change(id, change, this.parts.rules.forWrite(id).level)),
    );
    const lost = ids.filter((_, at) => done[at] === false).map((id) => this.parts.keys.full(id));
    if (lost.length > 0) throw notInvalidated(lost);
  }

  async #invalidated(caches: readonly string[], names: readonly string[], mode: TagMode): Promise<void> {
    const run = (): Promise<void> => this.#tags.invalidate(caches, names, mode);
    if (this.#transactions.holdBack(run)) return;
    await run();
  }
}
