import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../../test/support/core.js';
import type { ScopeRule } from '../../../core/limits/limit-store.js';
import { MemoryLimitStore } from './memory-limit-store.js';

const rules: readonly ScopeRule[] = [
  { id: 'r', name: 'r', algorithm: 'gcra', limit: 1, per: 1_000, shadow: false, whenStoreDown: 'local', lease: 1 },
];

function start(most: number) {
  const clock = new FakeClock();
  const store = new MemoryLimitStore(clock, most);
  const ask = (from: number, to: number) => {
    for (let n = from; n < to; n++) store.decide({ key: `k${n}`, rules, cost: 1 });
  };
  return { clock, store, ask };
}

it('forgets identities whose counts have run down', () => {
  const { clock, store, ask } = start(1_000);
  ask(0, 900);
  clock.advance(1_000);
  ask(900, 1_001);
  expect(store.size).toBe(101);
});

it('remembers no more than it may, the latest', () => {
  const { store, ask } = start(1_000);
  ask(0, 5_000);
  expect(store.size).toBeLessThanOrEqual(1_000);
  expect(store.decide({ key: 'k4999', rules, cost: 1 }).allowed).toBe(false);
  expect(store.decide({ key: 'k0', rules, cost: 1 }).allowed).toBe(true);
});

it('never counts an ask where another identity counts by now', () => {
  const { clock, store, ask } = start(1_000);
  const first = { key: 'first', rules, cost: 1 };
  expect([store.decide(first).allowed, store.decide(first).allowed]).toEqual([true, false]);
  clock.advance(1_000);
  // A sweep forgets the first, and who comes then takes its place.
  ask(0, 1_001);
  expect([store.decide(first).allowed, store.decide(first).allowed]).toEqual([true, false]);
  store.reset('first');
  const second = { key: 'second', rules, cost: 1 };
  expect(store.decide(second).allowed).toBe(true);
  expect([store.decide(first).allowed, store.decide(second).allowed]).toEqual([true, false]);
});

it('counts an ask in each store that is asked', () => {
  const { store } = start(1_000);
  const { store: other, ask } = start(1_000);
  ask(0, 5);
  const shared = { key: 'shared', rules, cost: 1 };
  expect([store, other, store, other].map((one) => one.decide(shared).allowed)).toEqual([true, true, false, false]);
});
