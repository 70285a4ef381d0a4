import { expect, it } from 'vitest';
import { schedule } from './schedule.js';

const KINDS = ['a', 'b', 'c', 'd', 'e'];
const orderOf = (seed: number, events = 12) => schedule(KINDS, { events, seed });

it('has each kind once before any comes twice', () => {
  const order = orderOf(1);
  expect(order).toHaveLength(12);
  for (const from of [0, 5]) expect(order.slice(from, from + 5).toSorted()).toEqual(KINDS);
  expect(new Set(order.slice(10)).size).toBe(2);
});

it('is the same for the same seed, however long, and another for another', () => {
  expect(orderOf(7)).toEqual(orderOf(7));
  expect(orderOf(7).slice(0, 6)).toEqual(orderOf(7, 6));
  const orders = new Set(Array.from({ length: 20 }, (_, seed) => orderOf(seed).join('')));
  expect(orders.size).toBeGreaterThan(15);
});

it('cannot be made of nothing', () => {
  expect(() => schedule([], { events: 1, seed: 1 })).toThrow('a schedule needs at least one kind of fault');
});
