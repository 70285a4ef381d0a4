import { CacheWriteError } from '../errors.js';
import type { LockOptions } from '../locks/lock-options.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';
import { HitSamples } from './hit-samples.js';
import { Invalidations, type Change } from './invalidations.js';
import { Keeper } from './keeper.js';
import { view } from './deliver.js';
import type { CacheParts } from './parts.js';
import type { ReadOptions, WriteOptions } from './policy.js';
import { Loading, type Loader } from './loading.js';
import { ReadThrough } from './read-through.js';
import type { CallRules } from './rules.js';
import { Setter } from './setter.js';
import { StrictReads } from './strict-reads.js';
import { TransactionWrites } from './transaction-writes.js';
import { Turns } from './turns.js';
import { WriteThrough, type Write } from './write-through.js';

/** Of `cacheAside`. A replica that lags makes its lock weaker, and no update fail. */
const UPDATE_LOCK: LockOptions = { wait: 5_000, whenUndurable: 'local' };

/** The cache without a framework: every verb, for keys as users write them. Services and decorators are thin over it. */
export class Cache {
  /** Which hits are compared with their source, and what came of it. */
  readonly samples: HitSamples;
  readonly #reads: ReadThrough;
  /** Where processes share entries: otherwise what every read does is strict. */
  readonly #strictReads: StrictReads | undefined;
  readonly #writes: WriteThrough;
  readonly #transactions: TransactionWrites;
  readonly #setter: Setter;
  readonly #invalidations: Invalidations;
  readonly #keeper: Keeper;

  constructor(readonly parts: CacheParts) {
    this.#keeper = new Keeper(parts);
    this.#invalidations = new Invalidations(parts);
    this.samples = new HitSamples(parts, (id) => this.#invalidations.drop(id));
    const { fleet } = parts;
    const turns = fleet && new Turns(parts, fleet);
    const ways = { keeper: this.#keeper, samples: this.samples, loading: new Loading(parts), turns };
    this.#reads = new ReadThrough(parts, ways);
    this.#strictReads = fleet && turns && new StrictReads(parts, fleet, { ...ways, turns });
    this.#writes = new WriteThrough(parts, this.#keeper, this.#invalidations);
    this.#transactions = new TransactionWrites(parts.transactions, this.#writes);
    this.#setter = new Setter(parts, this.#keeper, this.#invalidations);
  }

  /** A fresh value in memory for a call without options, as a kept promise; `undefined` sends the caller the long way. */
  hit(key: string): Promise<unknown> | undefined {
    return this.parts.events.hits || this.#transactions.hides() ? undefined : this.parts.store.hot.hit(key);
  }

  async get(key: string): Promise<unknown> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forKey(id);
    const fresh = this.fresh(id, rules);
    if (fresh !== undefined) return fresh;
    if (this.parts.store.below.length === 0 || this.#transactions.hides()) return undefined;
    if (rules.level === 'strict') return this.#strictReads?.get(id, rules);
    const landing = this.#reads.joinLanding(id, rules);
    if (landing !== undefined) return landing;
    const found = await this.#reads.find(id, rules);
    return typeof found === 'object' ? view(found, rules) : undefined;
  }

  async set(key: string, value: unknown, options?: WriteOptions): Promise<void> {
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

  /** Not `async`: in a stampede a promise per caller is most of the cost. */
  readThrough(key: string, load: Loader, options?: ReadOptions): Promise<unknown> {
    const joined = options === undefined ? this.#reads.joinStanding(key) : undefined;
    if (joined !== undefined) return joined;
    try {
      const id = this.parts.keys.normalize(key);
      const rules = this.parts.rules.forKey(id, options);
      const fresh = this.fresh(id, rules);
      if (fresh === undefined) return this.load(id, load, rules);
      if (--this.samples.left === 0) this.samples.take(id, { load, rules });
      return fresh;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async writeThrough(key: string, value: unknown, save: () => unknown, options?: WriteOptions): Promise<unknown> {
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

  async cacheAside(key: string, update: () => unknown, options?: WriteOptions): Promise<unknown> {
    const id = this.parts.keys.normalize(key);
    const rules = this.parts.rules.forWrite(id, options);
    return this.update(id, { rules, save: async () => update(), value: (result) => result });
  }

  /** A fresh value in memory, for an id whose rules are known. */
  fresh(id: string, rules: CallRules): Promise<unknown> | undefined {
    if (this.#transactions.hides()) return undefined;
    const hit = rules.ownView ? undefined : this.parts.store.hot.hit(id);
    if (hit !== undefined && !this.parts.events.hits) return hit;
    return this.#told(id, hit ?? this.#viewed(id, rules));
  }

  /** `readThrough` for an id whose rules are known and that memory has nothing fresh of. */
  load(id: string, load: Loader, rules: CallRules): Promise<unknown> {
    const strict = rules.level === 'strict' ? this.#strictReads : undefined;
    if (!this.#isInTransaction) return (strict ?? this.#reads).read(id, load, rules);
    return this.#reads.readApart(id, load, { rules, asksLayers: strict === undefined && !this.#transactions.hides() });
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
    return this.parts.locks.run(this.parts.keys.full(id), () => this.write(id, write), UPDATE_LOCK);
  }

  /** Keeps what was saved under a key that was known only afterwards. */
  settle(id: string, value: unknown, keep: { readonly rules: CallRules; readonly since: number }): Promise<void> {
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

  #told(id: string, hit: Promise<unknown> | undefined): Promise<unknown> | undefined {
    const { events, keys } = this.parts;
    if (hit !== undefined && events.hits) events.emit({ type: 'hit', key: keys.full(id), layer: 'hot' });
    return hit;
  }

  #viewed(id: string, rules: CallRules): Promise<unknown> | undefined {
    if (rules.level === 'strict' && this.#strictReads !== undefined) return undefined;
    const { hot } = this.parts.store;
    const kept = hot.peek(id) ?? (rules.level === 'relaxed' ? hot.doubted(id) : undefined);
    return kept === undefined ? undefined : Promise.resolve(view(kept, rules));
  }
}

function notInvalidated(keys: readonly string[]): CacheWriteError {
  const [key = ''] = keys;
  const others = keys.length === 1 ? '' : ` and ${keys.length - 1} more`;
  return new CacheWriteError(
    `'${key}'${others} could not be invalidated in Redis, and the queue for that is full. What Redis holds stays until it ends: try again when it answers.`,
    { key, layer: 'shared' },
  );
}
