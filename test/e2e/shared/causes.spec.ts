import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, defineKey, type CacheEvent, type CacheEventType } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { eventually } from '../../support/redis/wait.js';

const reefKey = defineKey('causereef:{id}').holds<string>();
const TYPES = ['deleted', 'expired', 'tags-invalidated', 'cleared'] satisfies CacheEventType[];

async function application() {
  const app = await boot([]);
  const told: CacheEvent[] = [];
  for (const type of TYPES) app.get(CacheEvents).on(type, (event) => told.push(event));
  const first = (type: CacheEventType) => eventually(`'${type}' is told`, () => told.find((one) => one.type === type));
  return { cache: app.get(CacheService), told, first };
}

describe('what another process invalidates', () => {
  it('is told with its cause, and counted as heard', async () => {
    const [one, two] = [await application(), await application()];
    await one.cache.set(reefKey({ id: 1 }), 'reef');
    await one.cache.delete(reefKey({ id: 1 }));
    await one.cache.expire(reefKey({ id: 2 }));
    await one.cache.invalidateTags(['coral']);
    await one.cache.clear();
    expect(await two.first('deleted')).toEqual({ type: 'deleted', key: full('causereef:1'), cause: 'notice' });
    expect(await two.first('expired')).toEqual({ type: 'expired', key: full('causereef:2'), cause: 'notice' });
    expect(await two.first('tags-invalidated')).toMatchObject({ tags: ['coral'], mode: 'delete', cause: 'notice' });
    expect(await two.first('cleared')).toMatchObject({ cause: 'notice' });
    expect(two.cache.stats().invalidations).toEqual({ deleted: 0, expired: 0, tags: 0, clears: 0, heard: 4 });
  });

  it('is nothing that the one who did it hears of himself', async () => {
    const [one, two] = [await application(), await application()];
    await one.cache.delete(reefKey({ id: 1 }));
    await two.first('deleted');
    expect(one.told).toEqual([{ type: 'deleted', key: full('causereef:1'), cause: 'call' }]);
    expect(one.cache.stats().invalidations).toMatchObject({ deleted: 1, heard: 0 });
  });

  it('is found in Redis by all who ask for it at once, which is a hit for each', async () => {
    const [one, two] = [await application(), await application()];
    await one.cache.set(reefKey({ id: 1 }), 'reef');
    await Promise.all([1, 2, 3].map(() => two.cache.readThrough(reefKey({ id: 1 }), async () => 'loaded')));
    expect(two.cache.stats()).toMatchObject({
      hits: { hot: 0, shared: 3 },
      misses: 0,
      joined: 0,
      loads: 0,
      hitRatio: 1,
    });
  });
});
