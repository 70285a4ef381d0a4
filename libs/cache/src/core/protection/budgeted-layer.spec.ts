import { expect, it } from 'vitest';
import { entryOf, FakeClock } from '../../../../../test/support/core.js';
import { MemoryLayer } from '../../drivers/memory/memory-layer.js';
import { CacheOverloadError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import { BudgetedLayer } from './budgeted-layer.js';
import { OperationBudget } from './operation-budget.js';

function start(operations: number) {
  const clock = new FakeClock();
  const memory = new MemoryLayer({ clock, maxBytes: 1_000_000, maxEntries: 100 });
  const budget = new OperationBudget({ operations, per: 1_000 }, { clock, events: new EventHub() });
  return { memory, layer: new BudgetedLayer(memory, budget), entry: entryOf('x', clock.now()) };
}

it('refuses reads and fills above the budget, and says what to do', async () => {
  const { layer, memory, entry } = start(2);
  await layer.store('k:1', entry, 'load');
  expect(layer.read('k:1')).toMatchObject({ value: 'x' });
  const refused = (async () => layer.read('k:1'))();
  await expect(refused).rejects.toThrow(CacheOverloadError);
  await expect(refused).rejects.toThrow('more of Redis than 2 operations in 1000 ms');
  await expect((async () => layer.store('k:2', entry, 'load'))()).rejects.toThrow(
    'raise forRoot.protection.operations',
  );
  expect(memory.read('k:2')).toBeUndefined();
});

it('lets pass what must not be lost', async () => {
  const { layer, memory, entry } = start(1);
  await layer.read('k:0');
  expect(layer.store('k:1', entry, 'write')).toBe('stored');
  await layer.expire('k:1');
  await layer.remove('k:1');
  expect(memory.read('k:1')).toMatchObject({ kind: 'tombstone' });
});
