import { describe, expect, it } from 'vitest';
import { coreParts, entryOf, FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLayer } from '../../drivers/memory/memory-layer.js';
import { CacheSerializationError, CacheTimeoutError } from '../errors.js';
import { LayeredStore } from '../layers/layered-store.js';
import { Refreshes } from '../refresh/refreshes.js';
import { HitSamples } from './hit-samples.js';
import { Keeper } from './keeper.js';
import type { Load } from './load.js';
import { Loading, type Loader } from './loading.js';
import { ReadThrough } from './read-through.js';
import type { CallRules } from './rules.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';

function start(options: Parameters<typeof coreParts>[0] = {}) {
  const parts = coreParts(options);
  const reads = new ReadThrough(parts, {
    keeper: new Keeper(parts),
    samples: new HitSamples(parts, async () => undefined),
    loading: new Loading(parts),
    turns: undefined,
    refreshes: new Refreshes({ ...parts, fullKey: (id) => id, limit: 100 }),
  });
  const read = (load: Loader, more: Partial<CallRules> = {}) =>
    reads.read(KEY, load, { ...parts.rules.forKey(KEY), ...more });
  return { ...parts, reads, read };
}

describe('a read through', () => {
  it('loads once for all who ask meanwhile, and keeps the value', async () => {
    const { read, store, told } = start();
    const hold = gate();
    let loads = 0;
    const load = async () => {
      loads += 1;
      await hold.promise;
      return { id: 1 };
    };
    const answers = [read(load), read(load), read(load)];
    hold.open();
    const values = await Promise.all(answers);
    expect(loads).toBe(1);
    expect(new Set(values).size).toBe(1);
    expect(values[0]).toEqual({ id: 1 });
    expect(store.hot.peek(KEY)?.value).toBe(values[0]);
    expect(told.map(({ type }) => type)).toEqual(['miss', 'load-started', 'joined', 'joined', 'loaded', 'stored']);
  });

  it('takes a loader that answers at once', async () => {
    const { read } = start();
    await expect(read(() => 5)).resolves.toBe(5);
  });

  it('tells how long the load took and gives it its key and deadline', async () => {
    const { read, clock, store, told } = start();
    const begun = clock.now();
    let seen: Load | undefined;
    await read(
      async (run) => {
        seen = run;
        clock.advance(40);
        return 1;
      },
      { loadTimeout: 500 },
    );
    expect(seen).toMatchObject({ key: FULL, deadline: begun + 500 });
    expect(told).toContainEqual({ type: 'loaded', key: FULL, ms: 40 });
    expect(store.hot.read(KEY)?.computeMs).toBe(40);
  });

  it.each<[string, (error: Error) => Loader]>([
    ['rejects', (error) => () => Promise.reject(error)],
    [
      'throws at once',
      (error) => () => {
        throw error;
      },
    ],
  ])('passes on the error of a loader that %s, unchanged, and runs it once', async (_, failing) => {
    const { read, store, told } = start();
    const error = new Error('source');
    const results = await Promise.allSettled([read(failing(error)), read(() => 'never asked')]);
    expect(results).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
    expect(results[0]).toHaveProperty('reason', error);
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told.filter(({ type }) => type === 'load-failed')).toEqual([
      { type: 'load-failed', key: FULL, ms: 0, error },
    ]);
    await expect(read(() => 'again')).resolves.toBe('again');
  });

  it('gives up on a loader that is too late, aborts its signal and drops its value', async () => {
    const { read, clock, store, told } = start();
    const hold = gate();
    let signal: AbortSignal | undefined;
    const answer = read(
      async (run) => {
        ({ signal } = run);
        await hold.promise;
        return 'late';
      },
      { loadTimeout: 100 },
    );
    clock.advance(99);
    await settle();
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    const error: unknown = await answer.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CacheTimeoutError);
    expect(error).toMatchObject({ key: FULL, message: expect.stringContaining('took longer than 100 ms') });
    expect(signal?.reason).toBe(error);
    hold.open();
    await settle();
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told.map(({ type }) => type)).toEqual(['miss', 'load-started', 'load-failed']);
  });

  it('hears nothing more of a late loader that fails after all', async () => {
    const { read, clock } = start();
    const hold = gate();
    const answer = read(() => hold.promise.then(() => Promise.reject(new Error('later'))), { loadTimeout: 100 });
    clock.advance(100);
    await expect(answer).rejects.toBeInstanceOf(CacheTimeoutError);
    hold.open();
    await settle();
  });

  it.each<[string, Loader]>([
    ['gives a value', () => 1],
    ['rejects', () => Promise.reject(new Error('source'))],
    [
      'throws at once',
      () => {
        throw new Error('source');
      },
    ],
  ])('leaves no timer behind a load that %s', async (_, load) => {
    const { read, clock } = start();
    let fired = 0;
    clock.after = (ms, task) =>
      FakeClock.prototype.after.call(clock, ms, () => {
        fired += 1;
        task();
      });
    await read(load).catch(() => undefined);
    clock.advance(100_000);
    expect(fired).toBe(0);
  });

  it('loads anew for those who ask after the load was voided, and never keeps the old value', async () => {
    const { read, flights, notices, store, told } = start();
    const [first, second] = [gate(), gate()];
    const old = read(() => first.promise.then(() => 'old'));
    notices.note(KEY);
    flights.void(KEY);
    const fresh = read(() => second.promise.then(() => 'new'));
    second.open();
    await expect(fresh).resolves.toBe('new');
    first.open();
    await expect(old).resolves.toBe('old');
    expect(store.hot.peek(KEY)?.value).toBe('new');
    expect(told).toContainEqual({ type: 'not-stored', key: FULL, reason: 'invalidated' });
  });

  it('answers undefined without keeping it', async () => {
    const { read, store } = start();
    await expect(read(() => undefined)).resolves.toBeUndefined();
    expect(store.hot.read(KEY)).toBeUndefined();
  });

  it('hands a decorated caller what cannot be kept, and a service its error', async () => {
    const { read } = start();
    const loaded = { run: () => 1 };
    await expect(read(() => loaded, { ...start().rules.forCall('town', {}, { origin: 'Towns.find' }) })).resolves.toBe(
      loaded,
    );
    await expect(read(() => loaded)).rejects.toBeInstanceOf(CacheSerializationError);
  });

  it('looks into the layers below before it loads', async () => {
    const { read, store, clock } = start({
      instead: (real) => {
        const below = new MemoryLayer({ clock: real.clock, maxBytes: 10_000, maxEntries: 10 });
        below.store(KEY, entryOf('kept below', real.clock.now()));
        return {
          store: new LayeredStore({ hot: real.store.hot, below: [below], notices: real.notices, dates: real.clock }),
        };
      },
    });
    await expect(read(() => 'loaded')).resolves.toBe('kept below');
    expect(store.hot.peek(KEY)?.value).toBe('kept below');
    clock.advance(1_000);
    await expect(read(() => 'loaded')).resolves.toBe('loaded');
  });
});

describe('the short way into a load', () => {
  it('is for calls without options on the key as it is known', async () => {
    const { reads, read } = start();
    expect(reads.joinStanding(KEY)).toBeUndefined();
    const answer = read(() => Promise.resolve(1));
    expect(reads.joinStanding(FULL)).toBeUndefined();
    await expect(reads.joinStanding(KEY)).resolves.toBe(1);
    await answer;
    expect(reads.joinStanding(KEY)).toBeUndefined();
  });

  it('is closed where the load was started with options', async () => {
    const { reads, read } = start();
    const answer = read(() => Promise.resolve(1), { standing: false });
    expect(reads.joinStanding(KEY)).toBeUndefined();
    await answer;
  });
});
