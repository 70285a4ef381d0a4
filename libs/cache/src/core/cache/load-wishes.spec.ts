import { describe, expect, it } from 'vitest';
import { coreParts } from '../../../../../test/support/core.js';
import { CacheConfigError } from '../errors.js';
import { Cache } from './cache.js';
import type { Load } from './load.js';
import type { Loader } from './loading.js';
import type { CachePolicy } from './policy.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';

function start(defaults?: CachePolicy) {
  const parts = coreParts(defaults === undefined ? {} : { defaults });
  const cache = new Cache(parts);
  /** Milliseconds that what the loader gives is fresh. */
  const freshOf = async (load: Loader, options?: CachePolicy) => {
    await cache.readThrough(KEY, load, options);
    const entry = parts.store.hot.read(KEY);
    return entry && entry.freshUntil - entry.createdAt;
  };
  return { ...parts, cache, freshOf };
}

describe('the lifetime of what was loaded', () => {
  it.each<[string, CachePolicy | undefined, Loader, number]>([
    ['that of the rules', { ttl: '10s' }, () => 1, 10_000],
    ['what the loader says', { ttl: '10s', nullTtl: '1s' }, ({ ttl }) => ttl('30s'), 30_000],
    ['the last that it says', undefined, (load) => [load.ttl(1), load.ttl(2_000)], 2_000],
    ['no end where it says so', undefined, (load) => load.ttl('forever'), Number.POSITIVE_INFINITY],
    ['that of null for null', { ttl: '10s', nullTtl: '1s' }, () => null, 1_000],
    ['that of any value for null, without one of its own', { ttl: '10s' }, () => null, 10_000],
    ['for a value not that of null', { ttl: '10s', nullTtl: '1s' }, () => 0, 10_000],
    ['what a function finds in it', { ttl: ({ lasts }: { lasts: number }) => lasts }, () => ({ lasts: 7 }), 7],
    ['for ever where a function says so', { ttl: () => 'forever' }, () => 1, Number.POSITIVE_INFINITY],
    ['not asked of a function for null', { ttl: ({ lasts }: { lasts: number }) => lasts }, () => null, 300_000],
    ['not asked of a function where the loader says it', { ttl: () => 5 }, (load) => load.ttl(6), 6],
  ])('is %s', async (_, options, load, expected) => {
    const { freshOf } = start();
    const loader: Loader = (run) => {
      const said = load(run);
      return said === undefined ? 'said' : said;
    };
    await expect(freshOf(loader, options)).resolves.toBe(expected);
  });

  it('is that of the next wider rule where a function finds none', async () => {
    const { freshOf } = start({ ttl: '20s' });
    await expect(freshOf(() => 1, { ttl: () => undefined })).resolves.toBe(20_000);
  });

  it.each<[string, CachePolicy, Loader]>([
    ['a function that throws', { ttl: ({ a }: { a: { b: number } }) => a.b }, () => ({})],
    ['what no duration is', { ttl: () => 'soon' as '5m' }, () => 1],
    ['zero, said by a function', { ttl: () => 0 }, () => 1],
    ['zero, said by the loader', {}, (load) => load.ttl(0)],
  ])('cannot be %s', async (_, options, load) => {
    const { cache, store } = start();
    await expect(cache.readThrough(KEY, load, options)).rejects.toBeInstanceOf(CacheConfigError);
    expect(store.hot.read(KEY)).toBeUndefined();
  });

  it('follows its function in writes too', async () => {
    const { cache, store, clock } = start({ ttl: (value: number) => value, nullTtl: 3 });
    const now = clock.now();
    await cache.set(KEY, 40);
    expect(store.hot.read(KEY)).toHaveProperty('freshUntil', now + 40);
    await cache.writeThrough(KEY, null, () => undefined);
    expect(store.hot.read(KEY)).toHaveProperty('freshUntil', now + 3);
  });
});

describe('a loader that skips', () => {
  it('gives its value to all who wait, and nothing is kept', async () => {
    const { cache, store, told } = start();
    let loads = 0;
    const load = ({ skip }: Load) => {
      skip();
      return (loads += 1);
    };
    await expect(Promise.all([cache.readThrough(KEY, load), cache.readThrough(KEY, load)])).resolves.toEqual([1, 1]);
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told).toContainEqual({ type: 'not-stored', key: FULL, reason: 'skipped' });
    await expect(cache.readThrough(KEY, load)).resolves.toBe(2);
  });

  it('leaves what was kept meanwhile', async () => {
    const { cache } = start();
    await cache.readThrough(KEY, async (load) => {
      await cache.set(KEY, 'written');
      load.skip();
      return 'skipped';
    });
    await expect(cache.get(KEY)).resolves.toBe('written');
  });
});

describe('a loader that fails by its own word', () => {
  it('fails as if it had thrown the error', async () => {
    const { cache, store, told } = start();
    const reason = new Error('half an answer');
    await expect(cache.readThrough(KEY, ({ fail }) => fail(reason))).rejects.toBe(reason);
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told).toContainEqual({ type: 'load-failed', key: FULL, ms: 0, error: reason });
  });

  it.each([
    ['text', 'half an answer', 'half an answer'],
    ['anything else', { status: 502 }, `The loader of '${FULL}' failed.`],
  ])('makes an error of %s', async (_, reason, message) => {
    const { cache } = start();
    const error: unknown = await cache.readThrough(KEY, (load) => load.fail(reason)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message, cause: reason });
  });
});
