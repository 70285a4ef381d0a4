import { describe, expect, it } from 'vitest';
import { entryOf, settle, sharedParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { Cache } from './cache.js';

const KEY = 'town:1';
const DOWN = new Error('Redis is away');

function start() {
  const parts = sharedParts();
  const cache = new Cache(parts);
  const types = () => parts.told.map(({ type }) => type);
  const pass = async (ms: number) => {
    parts.clock.advance(ms);
    await settle();
  };
  const inMemory = () => parts.store.hot.peek(KEY)?.value;
  const below = () => parts.far.kept.peek(KEY)?.value;
  return { ...parts, cache, types, pass, inMemory, below };
}

describe('while the shared layer cannot be asked', () => {
  it('a read loads, tells, and keeps nothing', async () => {
    const { cache, far, told, inMemory, below } = start();
    far.failure = DOWN;
    await expect(cache.readThrough(KEY, () => 'loaded')).resolves.toBe('loaded');
    expect([inMemory(), below()]).toEqual([undefined, undefined]);
    expect(told).toMatchObject([
      { type: 'layer-failed', layer: 'shared', operation: 'read', error: DOWN },
      { type: 'miss' },
      { type: 'load-started' },
      { type: 'loaded' },
      { type: 'not-stored', reason: 'failed' },
    ]);
  });

  it('get knows nothing, and does not throw', async () => {
    const { cache, far, types } = start();
    far.failure = DOWN;
    await expect(cache.get(KEY)).resolves.toBeUndefined();
    expect(types()).toEqual(['layer-failed']);
  });

  it.each(['delete', 'expire'] as const)(
    '%s resolves: it is owed, and what the layer has is not read',
    async (verb) => {
      const { cache, far, pass, below, recovery, clock } = start();
      far.kept.store(KEY, entryOf('old', clock.now(), { freshUntil: clock.now() + 60_000 }));
      far.failure = DOWN;
      await cache[verb]([KEY]);
      far.failure = undefined;
      await expect(cache.get(KEY)).resolves.toBeUndefined();
      await expect(cache.readThrough(KEY, () => 'new')).resolves.toBe('new');
      await pass(500);
      expect([below(), recovery.depth]).toEqual([undefined, 0]);
      await expect(cache.readThrough(KEY, () => 'newer')).resolves.toBe('newer');
      await expect(cache.get(KEY)).resolves.toBe('newer');
    },
  );

  it('what was read before a delete failed is no answer after it', async () => {
    const { cache, far, clock } = start();
    far.kept.store(KEY, entryOf('old', clock.now(), { freshUntil: clock.now() + 60_000 }));
    const answered = gate();
    far.read = async (id) => {
      const there = far.kept.read(id);
      await answered.promise;
      return there;
    };
    const reading = cache.readThrough(KEY, () => 'new');
    far.failure = DOWN;
    await cache.delete([KEY]);
    answered.open();
    await expect(reading).resolves.toBe('new');
  });

  it('delete rejects where there is no room to remember it, and names the key', async () => {
    const { cache, far } = start();
    far.failure = DOWN;
    await cache.delete(['a:1', 'a:2', 'a:3']);
    await expect(cache.delete(['a:1', 'a:4', 'a:5'])).rejects.toMatchObject({
      code: 'WRITE',
      key: 'app:lake:a:4',
      layer: 'shared',
      message: expect.stringContaining("'app:lake:a:4' and 1 more could not be invalidated"),
    });
  });

  it('set rejects, and leaves nothing of what was there', async () => {
    const { cache, far, pass, inMemory, below } = start();
    await cache.set(KEY, 'old');
    expect([inMemory(), below()]).toEqual(['old', 'old']);
    far.failure = DOWN;
    await expect(cache.set(KEY, 'new')).rejects.toBe(DOWN);
    expect(inMemory()).toBeUndefined();
    far.failure = undefined;
    await pass(500);
    await expect(cache.get(KEY)).resolves.toBeUndefined();
  });

  it('a write saves, does not throw, and leaves nothing of what was there', async () => {
    const { cache, far, pass, inMemory, below } = start();
    await cache.set(KEY, 'old');
    far.failure = DOWN;
    await expect(cache.writeThrough(KEY, 'new', () => undefined)).resolves.toBe('new');
    far.failure = undefined;
    expect(inMemory()).toBeUndefined();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
    await pass(500);
    expect(below()).toBeUndefined();
  });

  it('a save does not wait for it longer than 100 ms', async () => {
    const { cache, far, pass, types } = start();
    far.hold = gate().promise;
    const saved: string[] = [];
    void cache.writeThrough(KEY, 'new', () => void saved.push('new'));
    await pass(99);
    expect(saved).toEqual([]);
    await pass(1);
    expect(saved).toEqual(['new']);
    expect(types()).toContain('deferred');
  });

  it('a value that could not be filled is told of', async () => {
    const { cache, far, told, inMemory } = start();
    const answer = cache.readThrough(KEY, async () => {
      far.failure = DOWN;
      return 'loaded';
    });
    await expect(answer).resolves.toBe('loaded');
    await settle();
    expect(told.slice(-2)).toMatchObject([
      { type: 'layer-failed', operation: 'fill' },
      { type: 'not-stored', reason: 'failed' },
    ]);
    expect(inMemory()).toBeUndefined();
  });
});

describe('while the shared layer is slow', () => {
  it('a load can be joined until its value is there', async () => {
    const { cache, far, types } = start();
    const hold = gate();
    let loads = 0;
    const read = () => cache.readThrough(KEY, () => (loads += 1));
    await expect(
      cache.readThrough(KEY, () => {
        far.hold = hold.promise;
        return (loads += 1);
      }),
    ).resolves.toBe(1);
    await expect(Promise.all([read(), read()])).resolves.toEqual([1, 1]);
    await expect(cache.get(KEY)).resolves.toBe(1);
    expect(types().filter((type) => type === 'joined')).toHaveLength(3);
    hold.open();
    await settle();
    await expect(read()).resolves.toBe(1);
    expect(loads).toBe(1);
  });

  it('a get does not wait for a load under way', async () => {
    const { cache } = start();
    const hold = gate();
    const loading = cache.readThrough(KEY, () => hold.promise.then(() => 'loaded'));
    await settle();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
    hold.open();
    await expect(loading).resolves.toBe('loaded');
  });

  it.each(['delete', 'expire'] as const)('what was read during a %s and comes after it is not kept', async (verb) => {
    const { cache, far, inMemory, store } = start();
    await cache.set(KEY, 'old');
    store.hot.forget(KEY);
    const [told, answered] = [gate(), gate()];
    far.hold = told.promise;
    const removing = cache[verb]([KEY]);
    far.read = async (id) => {
      const there = far.kept.read(id);
      await answered.promise;
      return there;
    };
    const reading = cache.get(KEY);
    told.open();
    await removing;
    answered.open();
    await expect(reading).resolves.toBe('old');
    expect(inMemory()).toBeUndefined();
  });

  it.each(['delete', 'expire'] as const)('what is read during a %s is not kept', async (verb) => {
    const { cache, far, inMemory, store } = start();
    await cache.set(KEY, 'old');
    store.hot.forget(KEY);
    const hold = gate();
    far.hold = hold.promise;
    const removing = cache[verb]([KEY]);
    // The answer was under way before the layer heard of it.
    far.hold = Promise.resolve();
    await expect(cache.get(KEY)).resolves.toBe('old');
    expect(inMemory()).toBe('old');
    hold.open();
    await removing;
    expect(inMemory()).toBeUndefined();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
  });
});

describe('a value that the shared layer has', () => {
  it('is told as a hit there, and not as a miss', async () => {
    const { cache, far, told, inMemory, clock } = start();
    far.kept.store(KEY, entryOf('kept', clock.now()));
    await expect(cache.readThrough(KEY, () => 'loaded')).resolves.toBe('kept');
    expect(inMemory()).toBe('kept');
    expect(told).toEqual([{ type: 'hit', key: 'app:lake:town:1', layer: 'shared' }]);
  });

  it('without a version of the source does not outlast a write that has one', async () => {
    const { cache, far, clock, rules, below } = start();
    const ahead = clock.now() * 1_000 + 5_000;
    const times = { freshUntil: clock.now() + 60_000, staleUntil: clock.now() + 60_000 };
    const versioned = { ...rules.forKey(KEY), version: () => 7 };
    far.kept.store(KEY, entryOf(null, clock.now(), { ...times, version: { source: undefined, assigned: ahead } }));
    await cache.write(KEY, { rules: versioned, save: async () => 'row', value: (row) => row });
    expect(below()).toBeUndefined();
    far.kept.store(KEY, entryOf('eight', clock.now(), { ...times, version: { source: 8n, assigned: ahead + 1 } }));
    await cache.write(KEY, { rules: versioned, save: async () => 'row', value: (row) => row });
    expect(far.kept.read(KEY)).toMatchObject({ kind: 'value', value: 'eight' });
  });

  it('that is older than what another process numbered by a faster clock gives way to a set', async () => {
    const { cache, far, clock, versions, below } = start();
    const ahead = clock.now() * 1_000 + 5_000;
    far.kept.store(KEY, entryOf('theirs', clock.now(), { version: { source: undefined, assigned: ahead } }));
    const { store } = far;
    far.store = async (...args) => {
      const outcome = await store(...args);
      versions.saw(ahead);
      return outcome;
    };
    await cache.set(KEY, 'ours');
    expect(below()).toBe('ours');
  });
});
