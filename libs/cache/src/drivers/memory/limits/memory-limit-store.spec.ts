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
