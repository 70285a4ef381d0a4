import type { Entry, EntryHeader, ValueEntry } from '../../core/entry/entry.js';
import type { Version } from '../../core/entry/version.js';
import { Columns } from './columns.js';

/** Flags of a slot; above them stands its epoch. */
const SHAREABLE = 1;
const TOMBSTONE = 2;
const PLAIN = 4;
const TAGGED = 8;
const FLAGS = 15;
const EPOCH_SHIFT = 4;

/** More do not fit beside the flags; the one after it is no epoch. */
export const LAST_EPOCH = 2 ** 27 - 2;

/** The tags of a slot were not looked at since it was written. */
const NEVER_LOOKED_AT = 0;

/** The mark of single slots that are in doubt, whatever the epoch. */
export const DOUBTED = epochMark(LAST_EPOCH + 1);

/** The mark of the slots of an epoch. */
export function epochMark(epoch: number): number {
  return epoch << EPOCH_SHIFT;
}

const FIRST_SIZE = 256;

const NO_TAGS: readonly string[] = Object.freeze([]);

/** Entries by key, each in a numbered slot that is used again when the entry is gone. */
export class SlotTable {
  /** Key to slot: what the hit path asks. */
  readonly index = new Map<string, number>();
  readonly columns = new Columns();
  /** The kept value; `undefined` in a tombstone. */
  readonly values: unknown[] = [];
  readonly #keys: (string | undefined)[] = [];
  readonly #sources = new Map<number, bigint>();
  readonly #tags = new Map<number, readonly string[]>();
  readonly #free: number[] = [];

  /** How many slots have ever been in use: the range a sweep walks. */
  get length(): number {
    return this.#keys.length;
  }

  keyOf(slot: number): string | undefined {
    return this.#keys[slot];
  }

  /** Gives the key a slot with nothing in it yet. */
  open(key: string, grown: (size: number) => void): number {
    const slot = this.#free.pop() ?? this.#keys.length;
    if (slot >= this.columns.length) {
      const size = Math.max(FIRST_SIZE, this.columns.length * 2);
      this.columns.grow(size);
      grown(size);
    }
    this.#keys[slot] = key;
    this.index.set(key, slot);
    return slot;
  }

  write(slot: number, entry: Entry, bytes: number): void {
    const { columns } = this;
    const isValue = entry.kind === 'value';
    columns.fresh[slot] = isValue ? freshness(entry) : Number.NEGATIVE_INFINITY;
    columns.due[slot] = dueOf(entry, columns.fresh[slot]);
    columns.stale[slot] = entry.staleUntil;
    columns.created[slot] = entry.createdAt;
    columns.assigned[slot] = entry.version.assigned;
    columns.generation[slot] = entry.tagGeneration;
    columns.compute[slot] = entry.computeMs;
    columns.bytes[slot] = bytes;
    const isTagged = isValue && entry.tags.length > 0;
    columns.flags[slot] = isValue ? (entry.shareable ? SHAREABLE : 0) | (isTagged ? TAGGED : 0) : TOMBSTONE;
    columns.looked[slot] = NEVER_LOOKED_AT;
    this.values[slot] = isValue ? entry.value : undefined;
    keepRare(this.#sources, slot, entry.version.source);
    keepRare(this.#tags, slot, isTagged ? entry.tags : undefined);
  }

  /** Ends the freshness of a value at `now`: it is of use as stale as long as it would have been after its own end. */
  expire(slot: number, now: number): void {
    const { fresh, stale } = this.columns;
    const freshUntil = fresh[slot] ?? 0;
    if (!(freshUntil > 0)) return;
    const staleUntil = stale[slot] ?? 0;
    const isEarly = freshUntil > now && freshUntil < Number.POSITIVE_INFINITY;
    fresh[slot] = -(isEarly ? now + staleUntil - freshUntil : staleUntil);
    this.columns.due[slot] = fresh[slot];
  }

  /** Whether a value, though fresh at `now`, is to be loaded anew; asked once, it says so no more. */
  takeDue(slot: number, now: number): boolean {
    const { due, fresh } = this.columns;
    const [dueAt = 0, freshUntil = 0] = [due[slot], fresh[slot]];
    if (!(dueAt <= now && now < freshUntil)) return false;
    due[slot] = freshUntil;
    return true;
  }

  /** `overhead`: the bytes of the slot that are not the value's. */
  read(slot: number, overhead: number): Entry {
    const header = this.#header(slot);
    if (this.isTombstone(slot)) return { kind: 'tombstone', ...header, freshUntil: header.staleUntil };
    return {
      kind: 'value',
      ...header,
      value: this.values[slot],
      size: (this.columns.bytes[slot] ?? 0) - overhead,
      shareable: this.isShareable(slot),
      tags: this.#tags.get(slot) ?? NO_TAGS,
    };
  }

  version(slot: number): Version {
    return { source: this.#sources.get(slot), assigned: this.columns.assigned[slot] ?? 0 };
  }

  isShareable(slot: number): boolean {
    return ((this.columns.flags[slot] ?? 0) & SHAREABLE) !== 0;
  }

  isTombstone(slot: number): boolean {
    return ((this.columns.flags[slot] ?? 0) & TOMBSTONE) !== 0;
  }

  /** Whether its value is of this epoch and goes to every caller in the same view: one comparison for both. */
  isPlainOf(slot: number, mark: number): boolean {
    return ((this.columns.flags[slot] ?? 0) & ~SHAREABLE) === (mark | PLAIN);
  }

  /** The same for a value with tags that were looked at in this time of theirs. */
  isPlainTaggedOf(slot: number, mark: number, looked: number): boolean {
    const { flags, looked: last } = this.columns;
    return ((flags[slot] ?? 0) & ~SHAREABLE) === (mark | PLAIN | TAGGED) && last[slot] === looked;
  }

  isTagged(slot: number): boolean {
    return ((this.columns.flags[slot] ?? 0) & TAGGED) !== 0;
  }

  /** What an entry is judged by besides its times. */
  taggedOf(slot: number): Pick<ValueEntry, 'tags' | 'tagGeneration' | 'createdAt'> {
    const { generation, created } = this.columns;
    const tags = this.#tags.get(slot) ?? NO_TAGS;
    return { tags, tagGeneration: generation[slot] ?? 0, createdAt: created[slot] ?? 0 };
  }

  /** The epoch that the slot is of. */
  epochOf(slot: number): number {
    return (this.columns.flags[slot] ?? 0) >> EPOCH_SHIFT;
  }

  isOf(slot: number, mark: number): boolean {
    return ((this.columns.flags[slot] ?? 0) & ~FLAGS) === mark;
  }

  /** Puts the slot into an epoch. */
  date(slot: number, mark: number): void {
    this.columns.flags[slot] = ((this.columns.flags[slot] ?? 0) & FLAGS) | mark;
  }

  markPlain(slot: number): void {
    this.columns.flags[slot] = (this.columns.flags[slot] ?? 0) | PLAIN;
  }

  /** Frees the slot for another key. */
  close(slot: number, key: string): void {
    this.index.delete(key);
    this.#keys[slot] = undefined;
    this.values[slot] = undefined;
    this.#sources.delete(slot);
    this.#tags.delete(slot);
    this.#free.push(slot);
  }

  #header(slot: number): EntryHeader {
    const { columns } = this;
    const fresh = columns.fresh[slot] ?? 0;
    const isExpired = fresh <= 0 && !this.isTombstone(slot);
    return {
      version: this.version(slot),
      createdAt: columns.created[slot] ?? 0,
      freshUntil: isExpired ? 0 : fresh,
      staleUntil: isExpired ? -fresh : (columns.stale[slot] ?? 0),
      computeMs: columns.compute[slot] ?? 0,
      tagGeneration: columns.generation[slot] ?? 0,
    };
  }
}

/**
 * What stands in the column of freshness. What was made stale is remembered longer than it may be served; until when that
 * is, its column says as a number below 0, which no time is.
 */
function freshness({ freshUntil, staleUntil }: EntryHeader): number {
  return freshUntil > 0 ? freshUntil : -staleUntil;
}

function dueOf(entry: Entry, freshUntil: number): number {
  return entry.kind === 'value' && entry.refreshAt !== undefined ? Math.min(entry.refreshAt, freshUntil) : freshUntil;
}

/** Most entries have none of these, so they are kept aside. */
function keepRare<T>(map: Map<number, T>, slot: number, value: T | undefined): void {
  if (value !== undefined) map.set(slot, value);
  else if (map.size > 0) map.delete(slot);
}
