import { describe, expect, it, vi } from 'vitest';
import { entryOf } from '../../../../../test/support/core.js';
import { tombstone } from '../../core/entry/entry.js';
import { SlotTable } from './slot-table.js';

const FIRST_SIZE = 256;
const grown = () => undefined;

describe('the table of slots', () => {
  it('gives back what was written, whole', () => {
    const table = new SlotTable();
    const slot = table.open('a', grown);
    const entry = {
      ...entryOf({ id: 1 }, 1_000, {
        version: { source: -5n, assigned: 1_763_830_000_123_456 },
        freshUntil: Number.POSITIVE_INFINITY,
        staleUntil: Number.POSITIVE_INFINITY,
        computeMs: 12,
        tagGeneration: 1_763_830_000_000_001,
      }),
      tags: ['t', 'u'],
    };
    table.write(slot, entry, entry.size + 30);
    expect(table.read(slot, 30)).toEqual(entry);
    expect(table.version(slot)).toEqual(entry.version);
    expect(table.index.get('a')).toBe(slot);
    expect(table.keyOf(slot)).toBe('a');
  });

  it('remembers of a tombstone what matters', () => {
    const table = new SlotTable();
    const slot = table.open('a', grown);
    table.write(slot, entryOf('x', 1_000), 0);
    table.write(slot, tombstone({ source: 3n, assigned: 7 }, 1_000, 60_000), 0);
    expect(table.isTombstone(slot)).toBe(true);
    expect(table.values[slot]).toBeUndefined();
    expect(table.read(slot, 0)).toMatchObject({
      kind: 'tombstone',
      version: { source: 3n, assigned: 7 },
      createdAt: 1_000,
      staleUntil: 61_000,
    });
  });

  it('gives a free slot to the next key, with nothing left of the last', () => {
    const table = new SlotTable();
    const slot = table.open('a', grown);
    table.write(slot, { ...entryOf('x', 0, { version: { source: 3n, assigned: 1 } }), tags: ['t'] }, 0);
    table.markPlain(slot);
    table.close(slot, 'a');
    expect([table.index.has('a'), table.keyOf(slot), table.values[slot]]).toEqual([false, undefined, undefined]);
    expect(table.open('b', grown)).toBe(slot);
    expect(table.length).toBe(1);
    table.write(slot, entryOf(new Date(0), 0), 0);
    expect(table.read(slot, 0)).toMatchObject({ version: { source: undefined }, tags: [], shareable: false });
    expect([table.isPlainOf(slot, 0), table.isShareable(slot), table.isTombstone(slot)]).toEqual([false, false, false]);
  });

  it('forgets source version and tags that the next value does not have', () => {
    const table = new SlotTable();
    const slot = table.open('a', grown);
    table.write(slot, { ...entryOf('x', 0, { version: { source: 3n, assigned: 1 } }), tags: ['t'] }, 0);
    table.markPlain(slot);
    table.write(slot, entryOf('y', 0), 0);
    expect(table.read(slot, 0)).toMatchObject({ version: { source: undefined }, tags: [] });
    expect(table.isPlainOf(slot, 0)).toBe(false);
  });

  it('grows by doubling, says so before the slot is used, and keeps what it has', () => {
    const table = new SlotTable();
    const told = vi.fn((size: number) => expect(table.columns.length).toBe(size));
    for (let at = 0; at <= FIRST_SIZE; at += 1) {
      const slot = table.open(`key ${at}`, told);
      expect(slot).toBe(at);
      table.write(slot, entryOf(at, at), at);
    }
    expect(told.mock.calls).toEqual([[FIRST_SIZE], [2 * FIRST_SIZE]]);
    expect(table.length).toBe(FIRST_SIZE + 1);
    for (const at of [0, 1, FIRST_SIZE - 1, FIRST_SIZE]) {
      expect(table.read(at, 0)).toMatchObject({ value: at, createdAt: at, size: at, shareable: true });
    }
  });
});
