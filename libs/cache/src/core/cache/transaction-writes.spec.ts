import { describe, expect, it } from 'vitest';
import { coreParts, SAVE_TIMEOUT, settle, sharedParts, type TestParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { CacheSerializationError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import type { Transaction } from '../transactions/transaction.js';
import { TransactionRun } from '../transactions/transaction-run.js';
import { Cache } from './cache.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';

/** Whoever calls now is part of `current`. */
class Sessions {
  run: TransactionRun | undefined;

  current(): Transaction | undefined {
    return this.run?.isOpen === true ? this.run : undefined;
  }

  begin(): TransactionRun {
    this.run = new TransactionRun();
    return this.run;
  }

  /** As another session would. */
  async outside<R>(work: () => Promise<R>): Promise<R> {
    const { run } = this;
    this.run = undefined;
    try {
      return await work();
    } finally {
      this.run = run;
    }
  }
}

function start(make: () => TestParts = coreParts) {
  const sessions = new Sessions();
  const parts = { ...make(), transactions: sessions };
  const cache = new Cache(parts);
  const types = () => parts.told.map(({ type }) => type);
  return { ...parts, cache, sessions, types };
}

/** Nobody listens to hits, so that they take the short way. */
const unheard = (): TestParts => ({ ...coreParts(), events: new EventHub() });

const load = async (): Promise<string> => 'loaded';

describe('a transaction that has written', () => {
  const writes: Readonly<Record<string, (cache: Cache) => Promise<unknown>>> = {
    delete: (cache) => cache.delete([KEY]),
    expire: (cache) => cache.expire([KEY]),
    set: (cache) => cache.set(KEY, 'new'),
    writeThrough: (cache) => cache.writeThrough(KEY, 'new', () => undefined),
    cacheAside: (cache) => cache.cacheAside(KEY, () => 'new'),
    evict: (cache) => cache.evict([KEY], async () => undefined),
    settle: (cache) =>
      cache.settle(KEY, 'new', { rules: cache.parts.rules.forKey(KEY), since: 0, tagging: cache.tagging(KEY) }),
  };

  it.each(Object.entries(writes))(
    '%s: closes the key until it has ended, and removes it then',
    async (_name, write) => {
      const { cache, sessions } = start();
      await cache.set(KEY, 'old');
      const run = sessions.begin();
      await write(cache);
      await sessions.outside(async () => {
        expect(await cache.get(KEY)).toBeUndefined();
        expect(await cache.readThrough(KEY, load)).toBe('loaded');
        expect(await cache.get(KEY)).toBeUndefined();
      });
      await run.end();
      expect(await cache.get(KEY)).toBeUndefined();
      expect(await cache.readThrough(KEY, load)).toBe('loaded');
      expect(await cache.get(KEY)).toBe('loaded');
    },
  );

  it('returns what its saves return', async () => {
    const { cache, sessions } = start();
    sessions.begin();
    expect(await cache.writeThrough(KEY, 'given', () => undefined)).toBe('given');
    expect(await cache.cacheAside(KEY, () => 'updated')).toBe('updated');
    expect(await cache.evict([KEY], async () => 'changed')).toBe('changed');
  });

  it('closes a key once, however often it writes it', async () => {
    const { cache, sessions, types } = start();
    const run = sessions.begin();
    await Promise.all([cache.delete([KEY, KEY]), cache.set(KEY, 'new'), cache.expire([KEY])]);
    expect(types().filter((type) => type === 'deleted')).toEqual([]);
    await run.end();
    expect(types().filter((type) => type === 'deleted')).toEqual(['deleted']);
  });

  it('refuses what no layer could keep, as outside', async () => {
    const { cache, sessions } = start();
    sessions.begin();
    await expect(cache.set(KEY, () => 1)).rejects.toThrow(CacheSerializationError);
    await expect(cache.writeThrough(KEY, undefined, () => undefined)).rejects.toThrow(CacheSerializationError);
  });

  it('is answered by its own loads only, for every key', async () => {
    const { cache, sessions } = start(unheard);
    await cache.set('town:2', 'cached');
    sessions.begin();
    await cache.delete([KEY]);
    expect(cache.hit('town:2')).toBeUndefined();
    expect(await cache.get('town:2')).toBeUndefined();
    expect(await cache.readThrough('town:2', load)).toBe('loaded');
    expect(await sessions.outside(() => cache.get('town:2'))).toBe('cached');
  });

  it('does not keep others from their hits', async () => {
    const { cache, sessions } = start(unheard);
    await cache.set('town:2', 'cached');
    sessions.begin();
    await cache.delete([KEY]);
    await sessions.outside(async () => expect(await cache.hit('town:2')).toBe('cached'));
  });

  it('that never ends closes its keys no longer than a save may take', async () => {
    const { cache, sessions, clock } = start();
    sessions.begin();
    await cache.delete([KEY]);
    sessions.run = undefined;
    clock.advance(SAVE_TIMEOUT);
    await cache.readThrough(KEY, load);
    expect(await cache.get(KEY)).toBe('loaded');
  });

  it('that outlasts this removes its keys all the same', async () => {
    const { cache, sessions, clock } = start();
    const run = sessions.begin();
    await cache.delete([KEY]);
    clock.advance(SAVE_TIMEOUT);
    await sessions.outside(() => cache.readThrough(KEY, load));
    await run.end();
    expect(await cache.get(KEY)).toBeUndefined();
  });

  it('ends well while the shared layer fails', async () => {
    const shared = sharedParts();
    const { cache, sessions, types } = start(() => shared);
    const run = sessions.begin();
    shared.far.failure = new Error('away');
    await cache.delete([KEY]);
    await run.end();
    expect(types()).toContain('deferred');
  });

  it('leaves what outlives it to the usual ways', async () => {
    const { cache, sessions } = start();
    const run = sessions.begin();
    await cache.delete([KEY]);
    await run.end();
    await cache.set(KEY, 'late');
    expect(await cache.get(KEY)).toBe('late');
  });
});

describe('a transaction that only reads', () => {
  it('takes what is cached', async () => {
    const { cache, sessions } = start();
    await cache.set(KEY, 'cached');
    sessions.begin();
    expect(await cache.readThrough(KEY, load)).toBe('cached');
    expect(await cache.get(KEY)).toBe('cached');
  });

  it('takes what the shared layer has, and copies it to memory as always', async () => {
    const { cache, sessions, store } = start(sharedParts);
    await cache.set(KEY, 'cached');
    store.hot.forget(KEY);
    sessions.begin();
    expect(await cache.readThrough(KEY, load)).toBe('cached');
    expect(await store.hot.hit(KEY)).toBe('cached');
  });

  it('keeps nothing that it loads, and says so', async () => {
    const { cache, sessions, told } = start();
    sessions.begin();
    expect(await cache.readThrough(KEY, load)).toBe('loaded');
    expect(told).toContainEqual({ type: 'not-stored', key: FULL, reason: 'transaction' });
    expect(await cache.get(KEY)).toBeUndefined();
  });

  it('joins no load and lets nobody join its own', async () => {
    const { cache, sessions } = start();
    const busy = gate();
    const theirs = cache.readThrough(KEY, () => busy.promise.then(() => 'theirs'));
    sessions.begin();
    expect(await cache.readThrough(KEY, load)).toBe('loaded');
    expect(await cache.readThrough(KEY, load, { ttl: '1s' })).toBe('loaded');
    busy.open();
    expect(await theirs).toBe('theirs');

    const slow = gate();
    const mine = cache.readThrough('town:2', () => slow.promise.then(() => 'mine'));
    expect(await sessions.outside(() => cache.readThrough('town:2', load))).toBe('loaded');
    slow.open();
    expect(await mine).toBe('mine');
  });

  it('goes to its own loader when the layers below fail', async () => {
    const shared = sharedParts();
    const { cache, sessions } = start(() => shared);
    shared.far.failure = new Error('away');
    sessions.begin();
    expect(await cache.readThrough(KEY, load)).toBe('loaded');
  });

  it('hands on what its loader throws', async () => {
    const { cache, sessions } = start();
    sessions.begin();
    await expect(cache.readThrough(KEY, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('has no hit compared with its source', async () => {
    const { cache, sessions, clock, types } = start(() => ({ ...coreParts(), staleness: { sample: 1, perSecond: 5 } }));
    const compared = async () => {
      await cache.readThrough(KEY, load);
      for (let step = 0; step < 10; step += 1) {
        clock.advance(50);
        await settle();
      }
      return types().includes('hit-compared');
    };
    await cache.set(KEY, 'cached');
    clock.advance(2_000);
    sessions.begin();
    expect(await compared()).toBe(false);
    expect(await sessions.outside(compared)).toBe(true);
  });
});
