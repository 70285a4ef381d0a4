import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { EVENT_TYPES, type CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import { TagDebts } from './tag-debts.js';

const AWAY = new Error('away');

function start(limit?: number) {
  const clock = new FakeClock();
  const events = new EventHub();
  const told: CacheEvent['type'][] = [];
  for (const type of EVENT_TYPES) events.on(type, (event) => told.push(event.type));
  const store = { isAway: true, paid: [] as string[] };
  const open = new Set<string>();
  const debts = new TagDebts({
    service: 'lake',
    clock,
    events,
    limit,
    pay: async (cache, tags, mode) => {
      if (store.isAway) throw AWAY;
      store.paid.push(`${cache} ${mode} ${tags.join()}`);
    },
    owes: ({ cache, tag }) => open.add(`${cache} ${tag}`),
    paid: ({ cache, tag }) => open.delete(`${cache} ${tag}`),
  });
  const owe = (tag: string, mode: 'delete' | 'expire' = 'delete') => debts.owe({ cache: 'shop', tag, mode }, AWAY);
  return { clock, told, store, open, debts, owe };
}

describe('invalidations of tags that are owed', () => {
  it('are made up for once the store answers, tags of one mode together', async () => {
    const { clock, told, store, open, debts, owe } = start();
    expect([owe('a'), owe('b'), owe('c', 'expire'), owe('')]).toEqual([true, true, true, true]);
    clock.advance(500);
    await settle();
    expect([debts.depth, open.size, store.paid]).toEqual([4, 4, []]);
    store.isAway = false;
    clock.advance(500);
    await settle();
    expect(store.paid.toSorted()).toEqual(['shop delete ', 'shop delete a,b', 'shop expire c']);
    expect([debts.figures(), open.size]).toEqual([{ owed: 0, recovered: 4, lost: 0 }, 0]);
    expect(told).toEqual([...Array(4).fill('deferred'), ...Array(4).fill('recovered')]);
  });

  it('are one a tag, and a deletion stays one', async () => {
    const { store, debts, owe } = start();
    owe('a', 'delete');
    owe('a', 'expire');
    expect(debts.depth).toBe(1);
    store.isAway = false;
    debts.nudge();
    await settle();
    expect(store.paid).toEqual(['shop delete a']);
  });

  it('are refused where there is no room, which is told', () => {
    const { told, debts, owe } = start(1);
    expect([owe('a'), owe('b'), owe('a')]).toEqual([true, false, true]);
    expect([told, debts.figures().lost]).toEqual([['deferred', 'invalidation-lost'], 1]);
  });

  it('are tried once more at the end, and then lost', async () => {
    const { debts, owe } = start();
    owe('a');
    await debts.close();
    expect(debts.figures()).toEqual({ owed: 0, recovered: 0, lost: 1 });
    expect(owe('b')).toBe(false);
  });
});
