import { describe, expect, it } from 'vitest';
import { settle, sharedParts, coreParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { Cache } from './cache.js';
import type { ReadOptions } from './policy.js';

const KEY = 'town:1';
const DOWN = new Error('the source is down');
const down = () => Promise.reject(DOWN);

const PLACES = [
  ['in memory alone', () => coreParts()],
  ['over a layer that others share', () => sharedParts()],
] as const;

/** A value that is fresh for a second and may be served for ten more. */
const STALE: ReadOptions = { ttl: '1s', staleFor: '10s' };
const AT_ONCE: ReadOptions = { ...STALE, loadTimeout: { soft: 0 } };

function over(parts: ReturnType<typeof coreParts>, maxRefreshes?: number) {
  const cache = new Cache({ ...parts, maxRefreshes });
  const read = (load: () => unknown, options: ReadOptions = STALE) => cache.readThrough(KEY, load, options);
  const told = (type: string) => parts.told.filter((event) => event.type === type);
  /** A value 'old' whose ttl is over. */
  const aged = async (options: ReadOptions = STALE) => {
    await read(() => 'old', options);
    await settle();
    parts.clock.advance(1_500);
  };
  return { ...parts, cache, read, told, aged };
}

describe.each(PLACES)('a stale value %s', (_, open) => {
  const start = (maxRefreshes?: number) => over(open(), maxRefreshes);

  it('is served instead of the error of its loader, until staleFor is over', async () => {
    const { read, aged, told, clock } = start();
    await aged();
    await expect(read(down)).resolves.toBe('old');
    expect(told('stale-served')).toEqual([{ type: 'stale-served', key: 'app:lake:town:1', reason: 'failed' }]);
    clock.advance(10_000);
    await expect(read(down)).rejects.toBe(DOWN);
  });

  it('is never served where nobody allows it', async () => {
    const { read, aged } = start();
    await aged();
    await expect(read(down, { ttl: '1s' })).rejects.toBe(DOWN);
    await expect(read(down, { ...STALE, level: 'strict' })).rejects.toBe(DOWN);
    await expect(read(down, { ...STALE, staleIfError: false })).rejects.toBe(DOWN);
    await expect(read(down, { ...STALE, staleFor: '100ms' })).rejects.toBe(DOWN);
  });

  it('is served within the throttle without a load, and after it with one', async () => {
    const { read, aged, told, clock } = start();
    await aged();
    let loads = 0;
    const load = () => {
      loads += 1;
      throw DOWN;
    };
    for (let call = 0; call < 3; call += 1) await expect(read(load)).resolves.toBe('old');
    expect(loads).toBe(1);
    expect(told('stale-served')).toMatchObject([
      { reason: 'failed' },
      { reason: 'throttled' },
      { reason: 'throttled' },
    ]);
    clock.advance(5_000);
    await expect(read(load)).resolves.toBe('old');
    expect(loads).toBe(2);
    await expect(read(load, { ...STALE, staleIfError: { throttle: 0 } })).resolves.toBe('old');
  });

  it('masks no error that it must not', async () => {
    const { read, aged } = start();
    await aged();
    const unless = (error: unknown) => error === DOWN;
    await expect(read(down, { ...STALE, staleIfError: { unless } })).rejects.toBe(DOWN);
    const broken = () => {
      throw new Error('a predicate that throws');
    };
    await expect(read(down, { ...STALE, staleIfError: { unless: broken } })).rejects.toBe(DOWN);
    await expect(read(() => Promise.reject(new Error('other')), { ...STALE, staleIfError: { unless } })).resolves.toBe(
      'old',
    );
  });

  it('is served once the soft timeout is over, to all who wait, while the load goes on', async () => {
    const { read, aged, told, clock, cache } = start();
    const soft: ReadOptions = { ...STALE, loadTimeout: { soft: 100 } };
    await aged(soft);
    const hold = gate();
    let loads = 0;
    const load = async () => {
      loads += 1;
      await hold.promise;
      return 'new';
    };
    const answers = [read(load, soft), read(load, soft)];
    const seen: unknown[] = [];
    for (const answer of answers) void answer.then((value) => seen.push(value));
    await settle();
    clock.advance(99);
    await settle();
    expect(seen).toEqual([]);
    clock.advance(1);
    await expect(Promise.all(answers)).resolves.toEqual(['old', 'old']);
    await expect(read(load, soft)).resolves.toBe('old');
    expect([loads, cache.refreshes.size, told('refresh-started').length]).toEqual([1, 1, 1]);
    hold.open();
    await settle();
    expect([cache.refreshes.size, told('refresh-ended')]).toMatchObject([0, [{ ms: 0 }]]);
    await expect(read(load, soft)).resolves.toBe('new');
    expect(loads).toBe(1);
  });

  it('has no part in a load that is done within the soft timeout', async () => {
    const { read, aged, told, cache } = start();
    await aged();
    await expect(read(() => 'new', { ...STALE, loadTimeout: { soft: 100 } })).resolves.toBe('new');
    expect([told('stale-served'), told('refresh-started'), cache.refreshes.size]).toEqual([[], [], 0]);
  });

  it('is served at once while it is loaded anew; a load that fails then harms nobody', async () => {
    const { read, aged, told } = start();
    await aged(AT_ONCE);
    await expect(read(down, AT_ONCE)).resolves.toBe('old');
    await settle();
    expect(told('refresh-ended')).toMatchObject([{ error: DOWN }]);
    expect(told('stale-served')).toMatchObject([{ reason: 'refreshing' }]);
  });

  it('is served alone where no load has room, and where the application ends', async () => {
    const { read, aged, told, cache } = start(1);
    await aged(AT_ONCE);
    const hold = gate();
    await cache.readThrough('town:2', () => 'old', AT_ONCE);
    const place = cache.refreshes.place('town:2');
    const never = () => {
      throw new Error('loaded');
    };
    await expect(read(never, AT_ONCE)).resolves.toBe('old');
    expect(told('stale-served')).toMatchObject([{ reason: 'busy' }]);
    expect(told('refresh-skipped')).toEqual([{ type: 'refresh-skipped', key: 'app:lake:town:1' }]);
    place?.end();
    hold.open();
    await cache.refreshes.close();
    await expect(read(never, AT_ONCE)).resolves.toBe('old');
    expect(told('load-failed')).toEqual([]);
  });

  it('stays of use for staleFor after an expire', async () => {
    const { read, cache, clock } = start();
    await read(() => 'old');
    await settle();
    await cache.expire([KEY]);
    clock.advance(9_900);
    await expect(read(down)).resolves.toBe('old');
    clock.advance(200);
    await expect(read(down)).rejects.toBe(DOWN);
  });

  it.each(['delete', 'set', 'writeThrough'] as const)('is never served after %s', async (verb) => {
    const { cache, read, aged } = start();
    await aged();
    if (verb === 'delete') await cache.delete([KEY]);
    else if (verb === 'set') await cache.set(KEY, 'written', STALE);
    else await expect(cache.writeThrough(KEY, 'written', down, STALE)).rejects.toBe(DOWN);
    if (verb === 'set') await expect(read(down)).resolves.toBe('written');
    else await expect(read(down)).rejects.toBe(DOWN);
  });

  it('is not served to those who wait for a load when the key is deleted', async () => {
    const { cache, read, aged } = start();
    await aged();
    const hold = gate();
    const waiting = read(async () => {
      await hold.promise;
      throw DOWN;
    });
    await settle();
    await cache.delete([KEY]);
    hold.open();
    await expect(waiting).rejects.toBe(DOWN);
  });

  it('is nothing to those who left: the load goes on for whoever waits, and the source is not let alone', async () => {
    const { cache, aged, told } = start();
    await aged();
    const hold = gate();
    const load = () => hold.promise.then(() => 'new');
    const [first, second] = [new AbortController(), new AbortController()];
    const read = (options = {}) => cache.readThrough(KEY, load, { ...STALE, ...options });
    const waiting = [read({ signal: first.signal }), read({ signal: second.signal })];
    await settle();
    first.abort(new Error('left'));
    await expect(waiting[0]).rejects.toThrow('left');
    expect(told('load-failed')).toEqual([]);
    second.abort(new Error('left too'));
    await expect(waiting[1]).rejects.toThrow('left too');
    await settle();
    expect(told('load-failed')).toHaveLength(1);
    hold.open();
    await expect(read()).resolves.toBe('new');
    expect(told('stale-served')).toEqual([]);
  });

  it('is not served while the key is written', async () => {
    const { cache, read, aged } = start();
    await aged(AT_ONCE);
    const saving = gate();
    const writing = cache.writeThrough(KEY, 'written', () => saving.promise, STALE);
    await settle();
    await expect(read(() => 'loaded', AT_ONCE)).resolves.toBe('loaded');
    saving.open();
    await writing;
  });
});

describe('a stale value that memory holds', () => {
  it('is served while the shared layer gives no answer, unless something made it stale', async () => {
    const parts = sharedParts();
    const { read, aged, store } = over(parts);
    await aged();
    parts.far.failure = new Error('away');
    await expect(read(down)).resolves.toBe('old');
    parts.clock.advance(5_000);
    store.hot.doubt();
    await expect(read(down)).rejects.toBe(DOWN);
  });

  it('gives way to what the shared layer says', async () => {
    const parts = sharedParts();
    const { read, aged } = over(parts);
    await aged();
    parts.far.kept.remove(KEY);
    await expect(read(down)).rejects.toBe(DOWN);
  });
});
