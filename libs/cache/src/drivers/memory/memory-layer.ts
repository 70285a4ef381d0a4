import { isStale, tombstone, type Entry, type ValueEntry } from '../../core/entry/entry.js';
import { isOlder, isSameVersion, type Version } from '../../core/entry/version.js';
import { sharedView } from '../../core/entry/views.js';
import type { HotLayer } from '../../core/layers/doubts.js';
import { TOMBSTONE_MS, type Kept, type StoreCause, type StoreOutcome } from '../../core/layers/layer.js';
import type { Clock } from '../../core/shared/clock.js';
import { Counts } from '../../core/statistics/counts.js';
import type { Tags } from '../../core/tags/tags.js';
import { LruList } from './lru-list.js';
import { Occupancy } from './occupancy.js';
import { PromisePool } from './promise-pool.js';
import { DOUBTED, epochMark, LAST_EPOCH, SlotTable } from './slot-table.js';

export interface MemoryLayerOptions {
  readonly clock: Clock;
  /** Room for values, keys and their overhead. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Room that one entry may take, its key and overhead included. Default `maxBytes`. */
  readonly maxEntryBytes?: number | undefined;
  /** Told when an entry was not taken because of its size. */
  readonly refused?: ((key: string) => void) | undefined;
  /** Whether a key's values go to every caller in the same view, so that `hit` may answer. Default: all do. */
  readonly isPlain?: ((key: string) => boolean) | undefined;
  /** Says which entries have been invalidated without a word about their key. Default: none ever is. */
  readonly tags?: Pick<Tags, 'epoch' | 'here' | 'allowsStale'> | undefined;
  /** Where hits, and what each named cache takes, are counted. Default: nowhere. */
  readonly counts?: Counts | undefined;
  /** Told when an entry leaves on its own: to make room, or because its time was over. */
  readonly evicted?: ((key: string, cause: 'size' | 'ttl') => void) | undefined;
}

/** What a slot, its place in the index and in the lists cost, measured. */
const OVERHEAD = 120;

/** Slots looked at per store for entries whose time is over, so that no timer is needed to free them. */
const SWEPT_PER_STORE = 2;

/** Marks no slot. */
const NONE = -1;

/** The process's own memory: bounded by bytes and entries, least recently used first out. */
export class MemoryLayer implements HotLayer {
  readonly name = 'hot';
  #table = new SlotTable();
  #lru = new LruList();
  #pool = new PromisePool();
  readonly #clock: Clock;
  readonly #counts: Counts;
  readonly #occupancy: Occupancy;
  readonly #maxEntryBytes: number;
  #swept = 0;
  /** What is of an earlier one is in doubt. */
  #epoch = 0;
  /** Marks the slots that may be served. */
  #served = epochMark(0);
  /** What is of this epoch or a later one is not in doubt, but has to be looked at for whether it is over. */
  #lookedFrom = 0;

  constructor(private readonly options: MemoryLayerOptions) {
    this.#clock = options.clock;
    this.#counts = options.counts ?? new Counts(() => undefined);
    this.#occupancy = new Occupancy(this.#counts);
    this.#maxEntryBytes = Math.min(options.maxEntryBytes ?? Infinity, options.maxBytes);
  }

  hit(key: string): Promise<unknown> | undefined {
    const slot = this.#table.index.get(key);
    if (slot === undefined || !((this.#table.columns.due[slot] ?? 0) > this.#clock.coarse())) return undefined;
    if (!this.#table.isPlainOf(slot, this.#served) && !this.#isPlain(slot, key)) return undefined;
    this.#use(slot);
    const value = this.#table.values[slot];
    return this.#table.isShareable(slot) ? this.#pool.promised(slot, value) : Promise.resolve(sharedView(value));
  }

  peek(key: string): Kept | undefined {
    const slot = this.#table.index.get(key);
    if (slot === undefined || !((this.#table.columns.fresh[slot] ?? 0) > this.#clock.coarse())) return undefined;
    if (!this.#isServed(slot, key)) return undefined;
    this.#use(slot);
    return { value: this.#table.values[slot], shareable: this.#table.isShareable(slot) };
  }

  takeDue(key: string): boolean {
    const slot = this.#table.index.get(key);
    return slot !== undefined && this.#isServed(slot, key) && this.#table.takeDue(slot, this.#clock.coarse());
  }

  read(key: string): Entry | undefined {
    const slot = this.#find(key);
    if (slot === undefined) return undefined;
    this.#lru.use(slot);
    return this.#table.read(slot, OVERHEAD + key.length);
  }

  store(key: string, entry: Entry, cause: StoreCause = 'write'): StoreOutcome {
    const found = this.#find(key);
    if (found !== undefined && isRefused(entry.version, this.#table.version(found), cause)) return 'older';
    const bytes = OVERHEAD + key.length + (entry.kind === 'value' ? entry.size : 0);
    if (bytes > this.#maxEntryBytes) {
      if (found !== undefined) this.#drop(found, key);
      this.options.refused?.(key);
      return 'too-large';
    }
    const slot = found ?? this.#open(key);
    this.#put(slot, entry, bytes);
    if (this.options.isPlain?.(key) ?? true) this.#table.markPlain(slot);
    this.#sweep();
    this.#shrink();
    return 'stored';
  }

  remove(key: string): void {
    const slot = this.#find(key);
    if (slot === undefined || this.#table.isTombstone(slot)) return;
    const grave = tombstone(this.#table.version(slot), this.#clock.now(), TOMBSTONE_MS);
    this.#put(slot, grave, OVERHEAD + key.length);
  }

  expire(key: string): void {
    const slot = this.#find(key);
    if (slot === undefined) return;
    this.#table.expire(slot, this.#clock.now());
  }

  forget(key?: string): void {
    if (key === undefined) return this.#clear();
    const slot = this.#table.index.get(key);
    if (slot !== undefined) this.#drop(slot, key);
  }

  doubt(key?: string): void {
    if (key !== undefined) return this.#doubtOne(key);
    if (this.#epoch === LAST_EPOCH) this.#clear();
    this.#epoch = (this.#epoch + 1) % (LAST_EPOCH + 1);
    this.#lookedFrom = this.#epoch;
    this.#served = epochMark(this.#epoch);
  }

  recheck(): void {
    if (this.#served === NONE) return;
    const from = this.#lookedFrom;
    this.doubt();
    this.#lookedFrom = Math.min(from, this.#epoch);
  }

  suspend(): void {
    this.#served = NONE;
  }

  doubted(key: string): ValueEntry | undefined {
    const slot = this.#table.index.get(key);
    if (slot === undefined || this.#isBeyondDoubt(slot)) return undefined;
    if (!((this.#table.columns.fresh[slot] ?? 0) > this.#clock.coarse())) return undefined;
    const entry = this.#table.read(slot, OVERHEAD + key.length);
    return entry.kind === 'value' ? entry : undefined;
  }

  stale(key: string): ValueEntry | undefined {
    const slot = this.#table.index.get(key);
    if (slot === undefined || !this.#isBeyondDoubt(slot)) return undefined;
    if (this.options.tags?.allowsStale(key, this.#table.taggedOf(slot)) === false) return undefined;
    const entry = this.#table.read(slot, OVERHEAD + key.length);
    return isStale(entry, this.#clock.now()) ? entry : undefined;
  }

  confirm(key: string, version: Version): void {
    const slot = this.#table.index.get(key);
    if (slot === undefined || !isSameVersion(this.#table.version(slot), version)) return;
    this.#table.date(slot, epochMark(this.#epoch));
    this.#lru.use(slot);
  }

  close(): void {
    this.#clear();
  }

  /** A hit. */
  #use(slot: number): void {
    this.#lru.use(slot);
    this.#counts.hit(this.#table.columns.owner[slot] ?? 0);
  }

  #isPlain(slot: number, key: string): boolean {
    const { tags } = this.options;
    if (tags === undefined) return false;
    if (this.#table.isPlainTaggedOf(slot, this.#served, tags.epoch)) return true;
    if (!this.#isServed(slot, key)) return false;
    return this.#table.isPlainOf(slot, this.#served) || this.#table.isPlainTaggedOf(slot, this.#served, tags.epoch);
  }

  /** Whether nobody doubts the slot; it may still be over. */
  #isBeyondDoubt(slot: number): boolean {
    if (this.#table.isOf(slot, this.#served)) return true;
    const epoch = this.#table.epochOf(slot);
    return this.#served !== NONE && epoch >= this.#lookedFrom && epoch <= this.#epoch;
  }

  /** Whether the slot may be served: what was invalidated as one of many is only seen to be when it is asked for. */
  #isServed(slot: number, key: string): boolean {
    const { tags } = this.options;
    const isOf = this.#table.isOf(slot, this.#served);
    if (tags === undefined) return isOf;
    const isLookedAt = !this.#table.isTagged(slot) || this.#table.columns.looked[slot] === tags.epoch;
    if (isOf && isLookedAt) return true;
    if (!this.#isBeyondDoubt(slot)) return false;
    switch (tags.here(key, this.#table.taggedOf(slot))) {
      case 'valid':
        this.#table.date(slot, this.#served);
        this.#table.columns.looked[slot] = tags.epoch;
        return true;
      case 'expired':
        this.#table.expire(slot, this.#clock.now());
        return false;
      case 'deleted':
        this.#drop(slot, key);
        return false;
      default:
        return false;
    }
  }

  #doubtOne(key: string): void {
    const slot = this.#table.index.get(key);
    if (slot !== undefined) this.#table.date(slot, DOUBTED);
  }

  #clear(): void {
    this.#occupancy.cleared(this.#table);
    this.#table = new SlotTable();
    this.#lru = new LruList();
    this.#pool = new PromisePool();
    this.#swept = 0;
  }

  /** The slot of a key whose entry is still of use. */
  #find(key: string): number | undefined {
    const slot = this.#table.index.get(key);
    if (slot === undefined || !this.#isOver(slot)) return slot;
    this.#drop(slot, key);
    return undefined;
  }

  #isOver(slot: number): boolean {
    return (this.#table.columns.stale[slot] ?? 0) <= this.#clock.now();
  }

  #open(key: string): number {
    const slot = this.#table.open(key, (size) => this.#lru.grow(size));
    this.#occupancy.opened(this.#table, slot, key);
    this.#lru.add(slot);
    return slot;
  }

  #put(slot: number, entry: Entry, bytes: number): void {
    this.#occupancy.left(this.#table, slot);
    this.#pool.drop(slot);
    this.#table.write(slot, entry, bytes);
    this.#occupancy.came(this.#table, slot);
    this.#table.date(slot, epochMark(this.#epoch));
    this.#lru.use(slot);
  }

  #drop(slot: number, key: string): void {
    this.#occupancy.left(this.#table, slot);
    this.#pool.drop(slot);
    this.#lru.remove(slot);
    this.#table.close(slot, key);
  }

  /** Walks on by a few slots and frees those whose time is over. */
  #sweep(): void {
    for (let step = 0; step < SWEPT_PER_STORE; step += 1) {
      this.#swept = (this.#swept + 1) % this.#table.length;
      const key = this.#table.keyOf(this.#swept);
      if (key !== undefined && this.#isOver(this.#swept)) this.#evict(this.#swept, key, 'ttl');
    }
  }

  #shrink(): void {
    while (this.#occupancy.bytes > this.options.maxBytes || this.#table.index.size > this.options.maxEntries) {
      const slot = this.#lru.oldest;
      const key = slot === undefined ? undefined : this.#table.keyOf(slot);
      if (slot === undefined || key === undefined) return;
      this.#evict(slot, key, this.#isOver(slot) ? 'ttl' : 'size');
    }
  }

  #evict(slot: number, key: string, cause: 'size' | 'ttl'): void {
    const wasValue = !this.#table.isTombstone(slot);
    this.#drop(slot, key);
    if (wasValue) this.options.evicted?.(key, cause);
  }
}

function isRefused(version: Version, stored: Version, cause: StoreCause): boolean {
  const isSameSource = version.source !== undefined && version.source === stored.source;
  return isOlder(version, stored) || (cause === 'contested' && isSameSource);
}
