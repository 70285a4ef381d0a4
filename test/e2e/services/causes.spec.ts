import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, defineKey, type CacheEventType, type EventOf } from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { full } from '../../support/backends.js';

const stoneKey = defineKey('causestone:{id}').holds<string>();

async function start() {
  const app = await boot([]);
  const events = app.get(CacheEvents);
  /** What is told of a type, and the compiler knows what is in it. */
  function told<T extends CacheEventType>(type: T): EventOf<T>[] {
    const all: EventOf<T>[] = [];
    events.on(type, (event) => all.push(event));
    return all;
  }
  return { app, cache: app.get(CacheService), events, told };
}

describe('events', () => {
  it('say by whom a key was removed or marked as no longer fresh', async () => {
    const { cache, events, told } = await start();
    const causes: ('call' | 'notice' | 'stale')[] = [];
    events.on('deleted', ({ cause }) => causes.push(cause));
    const expired = told('expired');
    await cache.delete(stoneKey({ id: 1 }));
    await cache.expire(stoneKey({ id: 1 }));
    expect(causes).toEqual(['call']);
    expect(expired).toEqual([{ type: 'expired', key: full('causestone:1'), cause: 'call' }]);
  });

  it('say by whom tags and whole caches were invalidated', async () => {
    const { cache, told } = await start();
    const [tags, cleared] = [told('tags-invalidated'), told('cleared')];
    await cache.invalidateTags(['granite'], { mode: 'expire' });
    await cache.clear();
    expect(tags).toMatchObject([{ tags: ['granite'], mode: 'expire', cause: 'call' }]);
    expect(cleared).toMatchObject([{ cause: 'call' }]);
  });

  it('tell that a load begins, before it is over', async () => {
    const { cache, told } = await start();
    const [started, loaded, failed] = [told('load-started'), told('loaded'), told('load-failed')];
    let atLoad: number[] = [];
    await cache.readThrough(stoneKey({ id: 1 }), async () => {
      atLoad = [started.length, loaded.length];
      return 'stone';
    });
    await expect(
      cache.readThrough(stoneKey({ id: 2 }), async (): Promise<string> => Promise.reject(new Error('none'))),
    ).rejects.toThrow('none');
    expect(atLoad).toEqual([1, 0]);
    expect(started.map(({ key }) => key)).toEqual([full('causestone:1'), full('causestone:2')]);
    expect([loaded.length, failed.length]).toEqual([1, 1]);
  });
});
