import type { Counts } from '../../core/statistics/counts.js';
import type { SlotTable } from './slot-table.js';

/** What the slots of a table take: in all, and of each named cache. */
export class Occupancy {
  bytes = 0;

  constructor(private readonly counts: Pick<Counts, 'numberOf' | 'numbered'>) {}

  /** A slot has been given to a key and has nothing in it yet. */
  opened({ columns }: SlotTable, slot: number, key: string): void {
    columns.bytes[slot] = 0;
    columns.owner[slot] = this.counts.numberOf(key);
  }

  /** What is in a slot goes, before it is freed or written again. */
  left(table: SlotTable, slot: number): void {
    if (table.columns.bytes[slot] !== 0) this.#count(table, slot, -1);
  }

  /** A slot was written. */
  came(table: SlotTable, slot: number): void {
    this.#count(table, slot, 1);
  }

  /** All of a table goes. */
  cleared(table: SlotTable): void {
    for (const slot of table.index.values()) this.left(table, slot);
  }

  #count(table: SlotTable, slot: number, sign: 1 | -1): void {
    const { bytes, owner } = table.columns;
    const change = sign * (bytes[slot] ?? 0);
    const tally = this.counts.numbered(owner[slot] ?? 0);
    this.bytes += change;
    tally.bytes += change;
    if (!table.isTombstone(slot)) tally.entries += sign;
  }
}
