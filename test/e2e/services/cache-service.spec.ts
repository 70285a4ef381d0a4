import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CacheEvents, CacheSerializationError, CacheService, defineKey, type Key } from '@datapunk/cache';
import { full, sibling } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

const rowKey = defineKey('row:{id}').holds<{ version: number; text: string }>({ version: (row) => row.version });

afterEach(() => vi.restoreAllMocks());

describe('CacheService', () => {
  const start = async () => {
    const app = await boot([]);
    return { app, cache: app.get(CacheService) };
  };

  it('tells not cached from cached nothing', async () => {
    const { cache } = await start();
    const key: Key<string> = 'user:1';
    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, null);
    expect(await cache.get(key)).toBeNull();
    await cache.delete(key);
    expect(await cache.get(key)).toBeUndefined();
  });

  it('gets what was loaded a moment ago, whatever else is asked meanwhile', async () => {
    const { cache } = await start();
    // Keys that no other test changes: a late notice of such a change would rightly void the load.
    const loadAndGet = async (id: number) => {
      await cache.readThrough(`moment:${id}`, async () => id);
      return cache.get(`moment:${id}`);
    };
    const got = await Promise.all(Array.from({ length: 50 }, (_, id) => loadAndGet(id)));
    expect(got).toEqual(Array.from({ length: 50 }, (_, id) => id));
  });

  it('expires: the next read loads anew', async () => {
    const { cache } = await start();
    await cache.set('user:1', 'old');
    await cache.expire('user:1');
    expect(await cache.readThrough('user:1', async () => 'new')).toBe('new');
  });

  it('voids a load under way when the key is set, deleted or expired', async () => {
    const { cache } = await start();
    for (const act of [() => cache.set('user:1', 'set'), () => cache.delete('user:1'), () => cache.expire('user:1')]) {
      const [begun, held] = [gate(), gate()];
      const late = cache.readThrough('user:1', async () => {
        begun.open();
        await held.promise;
        return 'late';
      });
      // Before that it would find what is set, rightly.
      await begun.promise;
      await act();
      const anew = cache.readThrough('user:1', async () => 'anew');
      held.open();
      expect(await late).toBe('late');
      expect(['anew', 'set']).toContain(await anew);
      expect(await cache.get('user:1')).not.toBe('late');
      await cache.delete('user:1');
    }
  });

  it('keeps what the save returns, or the value if it returns nothing', async () => {
    const { cache } = await start();
    expect(await cache.writeThrough('user:1', 'a', async (v) => `${v}!`)).toBe('a!');
    expect(await cache.get('user:1')).toBe('a!');
    expect(await cache.writeThrough('user:1', 'b', async () => undefined)).toBe('b');
    expect(await cache.get('user:1')).toBe('b');
  });

  it('refuses to save what cannot be cached', async () => {
    const { cache } = await start();
    const save = vi.fn(async () => undefined);
    await expect(cache.writeThrough('user:1', Symbol('no') as never, save)).rejects.toThrow(CacheSerializationError);
    expect(save).not.toHaveBeenCalled();
  });

  it('throws for a loaded value that cannot be cached', async () => {
    const { cache } = await start();
    await expect(cache.readThrough('user:1', async () => ({ f: () => 1 }))).rejects.toMatchObject({ path: '$.f' });
  });

  it('lets a source version decide, whichever write comes last', async () => {
    const { cache } = await start();
    const key = rowKey({ id: 1 });
    await cache.set(key, { version: 2, text: 'new' });
    await cache.set(key, { version: 1, text: 'old' });
    expect(await cache.get(key)).toEqual({ version: 2, text: 'new' });
    await cache.delete(key);
    await cache.set(key, { version: 1, text: 'older than what was deleted' });
    expect(await cache.get(key)).toBeUndefined();
    await cache.set(key, { version: 2, text: 'again' });
    expect(await cache.get(key)).toEqual({ version: 2, text: 'again' });
  });

  it('keeps a key of its own service under both spellings', async () => {
    const { cache } = await start();
    await cache.set(full('user:1'), 'full');
    expect(await cache.get('user:1')).toBe('full');
    await expect(cache.get('app:other:user:1')).rejects.toMatchObject({ code: 'KEY_GRAMMAR' });
  });

  it('rejects, never throws, on a wrong call', async () => {
    const { cache } = await start();
    for (const call of ['get', 'delete', 'expire', 'readThrough', 'set', 'writeThrough', 'cacheAside'] as const) {
      const outcome = (cache as any)[call](
        'nonsense',
        () => 1,
        () => 1,
      );
      expect(outcome).toBeInstanceOf(Promise);
      await expect(outcome).rejects.toMatchObject({ code: 'KEY_GRAMMAR' });
    }
  });

  it('does not fail a caller because a listener is broken', async () => {
    const { app, cache } = await start();
    app.get(CacheEvents).on('miss', () => {
      throw new Error('broken listener');
    });
    expect(await cache.readThrough('user:1', async () => 1)).toBe(1);
  });

  it('serves a foreign service it was told of', async () => {
    const app = await boot([], { foreignServices: [sibling('shop')] });
    const cache = app.get(CacheService);
    const theirs = `app:${sibling('shop')}:user:1` as const;
    await cache.set(theirs, 'theirs');
    await cache.set('user:1', 'ours');
    expect(await cache.get(theirs)).toBe('theirs');
  });
});

describe('the log', () => {
  it('names a method that runs uncached once, not per call', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const app = await boot([]);
    await app
      .get(CacheService)
      .writeThrough('user:1', 1, async () => (() => 1) as never)
      .catch(() => undefined);
    await app
      .get(CacheService)
      .writeThrough('user:1', 1, async () => (() => 1) as never)
      .catch(() => undefined);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain(`'${full('user:1')}' was saved, but its cached value was dropped`);
  });
});
