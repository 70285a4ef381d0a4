import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import type { CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import { OperationBudget } from './operation-budget.js';

function start(operations: number) {
  const clock = new FakeClock();
  const events = new EventHub();
  const told: CacheEvent[] = [];
  events.on('overloaded', (event) => told.push(event));
  const budget = new OperationBudget({ operations, per: 1_000 }, { clock, events });
  const taken = (times: number) => Array.from({ length: times }, () => budget.take()).filter(Boolean).length;
  return { clock, told, taken };
}

it('lets so many pass in a window, and as many in the next', () => {
  const { clock, taken } = start(3);
  expect(taken(5)).toBe(3);
  clock.advance(999);
  expect(taken(1)).toBe(0);
  clock.advance(1);
  expect(taken(5)).toBe(3);
});

it('tells at the end of a window how many it refused, and nothing where it refused none', () => {
  const { clock, told, taken } = start(3);
  taken(10);
  clock.advance(400);
  taken(2);
  expect(told).toEqual([]);
  clock.advance(600);
  expect(told).toEqual([{ type: 'overloaded', refused: 9, operations: 3, per: 1_000 }]);
  taken(3);
  clock.advance(5_000);
  taken(4);
  clock.advance(1_000);
  expect(told.slice(1)).toEqual([{ type: 'overloaded', refused: 1, operations: 3, per: 1_000 }]);
});
