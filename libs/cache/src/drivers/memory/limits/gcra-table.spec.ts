import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GcraMeter } from '../../../core/limits/meters/gcra-meter.js';
import { GcraTable, type GcraSlot } from './gcra-table.js';

const askOf = (key: string) => ({ key, rules: [], cost: 1 });

it('measures in every slot what a meter of its own does, whichever slots come and go', () => {
  const step = fc.tuple(fc.nat(199), fc.integer({ min: -50, max: 500 }), fc.integer({ min: -3, max: 5 }), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const quota = { limit: 7, per: 1_000 };
      const table = new GcraTable();
      const all = new Map<number, { slot: GcraSlot; meter: GcraMeter }>();
      let now = 1_000;
      for (const [key, gap, amount, drop] of steps) {
        now += gap;
        const one = all.get(key) ?? { slot: table.take(), meter: new GcraMeter() };
        all.set(key, one);
        expect(one.slot.read(quota, now)).toBe(one.meter.read(quota, now));
        one.slot.add(amount);
        one.meter.add(amount);
        expect(one.slot.numbers()).toEqual(one.meter.numbers());
        expect(one.slot.waitFor(3, quota)).toBe(one.meter.waitFor(3, quota));
        expect(one.slot.reset(quota)).toBe(one.meter.reset(quota));
        if (drop > 0) continue;
        table.drop(one.slot);
        all.delete(key);
      }
    }),
  );
});

it('keeps its counts when it grows', () => {
  const table = new GcraTable();
  const slots = Array.from({ length: 1_000 }, () => table.take());
  for (const [at, slot] of slots.entries()) slot.add(at);
  expect(slots.map((slot) => slot.numbers()[0])).toEqual(slots.map((_, at) => at));
});

it('lets an ask in while the slot is its own, and nobody else with its number', () => {
  const table = new GcraTable();
  const slot = table.take();
  const ask = askOf('a');
  expect(table.visit(ask)).toBeUndefined();
  table.invite(ask, slot);
  slot.add(3);
  expect(table.visit(ask)?.numbers()).toEqual([3, 0]);
  expect(table.visit({ ...ask })).toBeUndefined();
  table.drop(slot);
  expect(table.visit(ask)).toBeUndefined();
  table.invite(askOf('b'), table.take());
  expect(table.visit(ask)).toBeUndefined();
});
