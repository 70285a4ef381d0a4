import type { Entry, EntryHeader } from '../../core/entry/entry.js';
import type { Version } from '../../core/entry/version.js';
import { Columns } from './columns.js';

/** Flags of a slot; above them stands its epoch. */
const SHAREABLE = 1;
const TOMBSTONE = 2;
const PLAIN = 4;
const FLAGS = 7;
const EPOCH_SHIFT = 3;

/** More do not fit beside the flags; the one after it is no epoch. */
export const LAST_EPOCH = 2 ** 28 - 2;

/** The mark of single slots that are in doubt, whatever the epoch. */
export const DOUBTED = epochMark(LAST_EPOCH + 1);

/** The mark of the slots of an epoch. */
export function epochMark(epoch: number): number {
  return epoch << EPOCH_SHIFT;
}

const FIRST_SIZE = 256;

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
    columns.fresh[slot] = isValue ? entry.freshUntil : Number.NEGATIVE_INFINITY;
    columns.stale[slot] = entry.staleUntil;
    columns.created[slot] = entry.createdAt;
    columns.assigned[slot] = entry.version.assigned;
    columns.generation[slot] = entry.tagGeneration;
    columns.compute[slot] = entry.computeMs;
    columns.bytes[slot] = bytes;
    columns.flags[slot] = isValue ? (entry.shareable ? SHAREABLE : 0) : TOMBSTONE;
    this.values[slot] = isValue ? entry.value : undefined;
    keepRare(this.#sources, slot, entry.version.source);
    keepRare(this.#tags, slot, isValue && entry.tags.length > 0 ? entry.tags : undefined);
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
      tags: this.#tags.get(slot) ?? [],
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
    return {
      version: this.version(slot),
      createdAt: columns.created[slot] ?? 0,
      freshUntil: columns.fresh[slot] ?? 0,
      staleUntil: columns.stale[slot] ?? 0,
      computeMs: columns.compute[slot] ?? 0,
      tagGeneration: columns.generation[slot] ?? 0,
    };
  }
}

/** Most entries have none of these, so they are kept aside. */
function keepRare<T>(map: Map<number, T>, slot: number, value: T | undefined): void {
  if (value !== undefined) map.set(slot, value);
  else if (map.size > 0) map.delete(slot);
}
