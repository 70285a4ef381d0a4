import { describe, expect, it } from 'vitest';
import { Counts } from '../statistics/counts.js';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { EVENT_TYPES, type CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import { Refreshes } from './refreshes.js';

function start(limit = 2) {
  const clock = new FakeClock();
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of EVENT_TYPES) events.on(type, (event) => told.push(event));
  const refreshes = new Refreshes({
    counts: new Counts(() => undefined),
    clock,
    events,
    fullKey: (id) => `full:${id}`,
    limit,
  });
  return { clock, told, refreshes };
}

describe('the loads that nobody waits for', () => {
  it('run one a key, so many at a time, and tell of each', async () => {
    const { refreshes, told, clock } = start();
    const hold = gate();
    const load = () => hold.promise;
    expect(['a', 'a', 'b', 'c'].map((id) => refreshes.run(id, 'early', load))).toEqual([true, false, true, false]);
    expect(refreshes.size).toBe(2);
    expect(told.map(({ type }) => type)).toEqual(['refresh-started', 'refresh-started', 'refresh-skipped']);
    clock.advance(30);
    hold.open();
    await settle();
    expect(refreshes.size).toBe(0);
    expect(told.slice(3)).toEqual(['full:a', 'full:b'].map((key) => ({ type: 'refresh-ended', key, ms: 30 })));
    expect(refreshes.run('a', 'early', load)).toBe(true);
  });

  it('fail without harm, at once or later', async () => {
    const { refreshes, told } = start();
    const error = new Error('down');
    refreshes.run('a', 'stale', () => Promise.reject(error));
    refreshes.run('b', 'stale', () => {
      throw error;
    });
    await settle();
    expect(told.filter(({ type }) => type === 'refresh-ended')).toMatchObject([{ error }, { error }]);
    expect(refreshes.size).toBe(0);
  });

  it('say nothing of a load that ended before its callers were answered', () => {
    const { refreshes, told } = start();
    const place = refreshes.place('a');
    expect(refreshes.place('a')).toBeUndefined();
    place?.end();
    place?.goOn('stale');
    place?.end();
    expect([told, refreshes.size]).toEqual([[], 0]);
  });

  it.each([
    ['are done', true],
    ['take too long', false],
  ])('are waited for at the end, until they %s; none begins after that', async (_, isDone) => {
    const { refreshes, clock } = start();
    const hold = gate();
    refreshes.run('a', 'stale', () => hold.promise);
    let isClosed = false;
    void refreshes.close().then(() => (isClosed = true));
    await settle();
    expect([isClosed, refreshes.run('b', 'stale', () => hold.promise)]).toEqual([false, false]);
    if (isDone) hold.open();
    else clock.advance(5_000);
    await settle();
    expect(isClosed).toBe(true);
  });
});
