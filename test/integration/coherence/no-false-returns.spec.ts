import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineKey } from '@datapunk/cache';
import type { Cache } from '../../../libs/cache/src/core/cache/cache.js';
import { LayeredStore } from '../../../libs/cache/src/core/layers/layered-store.js';
import { RedisFence } from '../../../libs/cache/src/drivers/redis/layer/redis-fence.js';
import { connectTo } from '../../contracts/redis-layer.place.js';
import { seeded } from '../../faults/kit/seed.js';
import { PLACES, TestProcesses } from './processes.js';

const ACTIONS = 4_000;
const TOGETHER = 20;
const KEYS = 10;

afterEach(() => void vi.restoreAllMocks());

interface Row {
  readonly version: number;
}

const rowKey = defineKey('row:{id}').holds<Row>({ version: (row) => row.version });
const KINDS: readonly ((id: number) => string)[] = [(id) => `page:${id}`, (id) => rowKey({ id })];

type Action = (cache: Cache, key: string, row: Row) => Promise<unknown>;

const ACTION: readonly Action[] = [
  (cache, key, row) => cache.readThrough(key, async () => row),
  (cache, key) => cache.get(key),
  (cache, key, row) => cache.set(key, row),
  (cache, key, row) => cache.writeThrough(key, row, async () => undefined),
  (cache, key) => cache.delete([key]),
  (cache, key) => cache.expire([key]),
];

describe.each(Object.keys(PLACES))('on Redis %s nothing counts as come back', (place) => {
  it('that did not, whatever several processes do to a key at once', async () => {
    const random = seeded(5);
    const service = `returns-${randomUUID()}`;
    const processes = await TestProcesses.start(3, place, service);
    onTestFinished(() => processes.stop());
    const returned = vi.spyOn(LayeredStore.prototype, 'isReturned');
    const revoked = vi.spyOn(RedisFence.prototype, 'revoke');
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    for (let done = 0; done < ACTIONS; done += TOGETHER) {
      const actions = Array.from({ length: TOGETHER }, (_, at) => {
        // Older ones come later, too.
        const row = { version: done + at - Math.floor(random() * 100) };
        return pick(ACTION)(pick(processes.caches), pick(KINDS)(Math.floor(random() * KEYS)), row);
      });
      // A `set` that others overtook twice says so.
      await Promise.allSettled(actions);
    }
    const found = returned.mock.results.filter(({ value }) => value === true).length;
    expect([found, revoked.mock.calls.length]).toEqual([0, 0]);
    expect(returned.mock.calls.length).toBeGreaterThan(100);
  });

  it('after the key was emptied by others: what is loaded then is newer', async () => {
    const service = `returns-${randomUUID()}`;
    const processes = await TestProcesses.start(2, place, service);
    onTestFinished(() => processes.stop());
    const [one, other = one] = processes.caches;
    await one.set('page:1', 'old');
    await one.delete(['page:1']);
    const redis = one.parts.store.below[0];
    // As FLUSHALL does: the tombstone goes, too.
    await vi.waitFor(async () => expect(await redis?.read('page:1')).toMatchObject({ kind: 'tombstone' }));
    const connections = await connectTo(PLACES[place]?.() ?? '');
    onTestFinished(() => connections.close());
    expect(await connections.data.call('DEL', `app:${service}:page:1`)).toBe(1);
    const loads: string[] = [];
    const read = (cache: Cache, by: string) =>
      cache.readThrough('page:1', async () => {
        loads.push(by);
        return 'new';
      });
    expect(await read(one, 'one')).toBe('new');
    await one.parts.flights.find('page:1')?.filling;
    expect(await read(other, 'other')).toBe('new');
    one.parts.store.hot.forget();
    expect(await read(one, 'one again')).toBe('new');
    expect(loads).toEqual(['one']);
  });
});
