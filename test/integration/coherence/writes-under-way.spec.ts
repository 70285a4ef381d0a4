import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import type { Fence } from '../../../libs/cache/src/core/layers/fence.js';
import { gate } from '../../support/gate.js';
import { eventually } from '../../support/redis/wait.js';
import { PLACES, TestProcesses } from './processes.js';

describe.each(Object.keys(PLACES))('a write under way, on Redis %s', (place) => {
  let processes: TestProcesses;
  let writer: Cache;
  let other: Cache;

  beforeAll(async () => {
    processes = await TestProcesses.start(2, place, `under-way-${process.pid}-${place.toLowerCase()}`);
    const [first, second] = processes.caches;
    [writer, other] = [first, second as Cache];
  });
  afterAll(() => processes.stop());

  it('lets no memory serve what was there before, that of its own process included', async () => {
    const inMemory = () => [writer, other].map((cache) => cache.parts.store.hot.peek('page:1')?.value);
    await writer.set('page:1', 'old');
    await eventually('both have it in memory', async () => {
      for (const cache of [writer, other]) await cache.get('page:1');
      return inMemory().every((value) => value === 'old');
    });
    const [began, hold] = [gate(), gate()];
    const writing = writer.writeThrough('page:1', 'new', async () => {
      began.open();
      await hold.promise;
    });
    await began.promise;
    expect(inMemory()[0]).toBeUndefined();
    await eventually('the other is told', () => inMemory()[1] === undefined);
    hold.open();
    await writing;
    expect(inMemory()[0]).toBe('new');
  });

  it('whose end Redis does not take is owed: the key is emptied as soon as that can be', async () => {
    await writer.set('page:2', 'old');
    vi.spyOn(writer.parts.fleet?.fence as Fence, 'end').mockRejectedValueOnce(new Error('cut off'));
    await expect(writer.writeThrough('page:2', 'new', () => undefined)).resolves.toBe('new');
    expect(writer.parts.recovery.depth).toBe(1);
    await eventually('it is made up for', () => writer.parts.recovery.depth === 0);
    const left = await writer.parts.store.below[0]?.read('page:2');
    expect(left?.kind).toBe('tombstone');
  });
});
