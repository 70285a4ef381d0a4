import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLayer } from '../../drivers/memory/memory-layer.js';
import { Notices } from '../coherence/notices.js';
import type { Layer } from './layer.js';
import { LayeredStore } from './layered-store.js';

const KEY = 'town:1';

class NoNotices extends Notices {
  override admits(): boolean {
    return true;
  }
}

interface Held {
  read?: Promise<void>;
  store?: Promise<void>;
}

/** A layer that answers late: when nothing holds it up. */
function late(inner: MemoryLayer, held: Held): Layer {
  return {
    name: 'warm',
    read: async (key) => {
      const entry = inner.read(key);
      await held.read;
      return entry;
    },
    store: async (key, entry) => {
      await held.store;
      return inner.store(key, entry);
    },
    remove: async (key) => inner.remove(key),
    expire: async (key) => inner.expire(key),
    close: async () => inner.close(),
  };
}

function start(count = 1, notices = new Notices()) {
  const clock = new FakeClock();
  const memory = (maxBytes = 100_000) => new MemoryLayer({ clock, maxBytes, maxEntries: 100 });
  const hot = memory(10_000);
  const layers = Array.from({ length: count }, () => ({ kept: memory(), held: {} as Held }));
  const store = new LayeredStore({
    hot,
    below: layers.map(({ kept, held }) => late(kept, held)),
    notices,
    dates: clock,
  });
  const keep = (value: unknown, header?: Parameters<typeof entryOf>[2]) =>
    store.store(KEY, entryOf(value, clock.now(), header), { since: notices.position(), cause: 'load' });
  return { clock, notices, hot, layers, store, keep, value: (layer: MemoryLayer) => layer.peek(KEY)?.value };
}

describe('layers as one', () => {
  it('keep an entry in every one of them', async () => {
    const { hot, layers, keep, value } = start(2);
    await expect(keep('x')).resolves.toBe('stored');
    expect([value(hot), ...layers.map(({ kept }) => value(kept))]).toEqual(['x', 'x', 'x']);
  });

  it('answer at once where there is only memory', async () => {
    const { keep, store, hot, value } = start(0);
    expect(keep('x')).toBe('stored');
    expect(value(hot)).toBe('x');
    expect([store.expire(KEY), store.remove(KEY)]).toEqual([undefined, undefined]);
    await expect(store.find(KEY)).resolves.toBeUndefined();
  });

  it('give a value found below to all above, with the lifetime it has left', async () => {
    const { clock, hot, layers, store } = start(2);
    const [warm, cold] = layers.map(({ kept }) => kept);
    const entry = entryOf('x', clock.now());
    cold?.store(KEY, entry);
    clock.advance(700);
    await expect(store.find(KEY)).resolves.toMatchObject({
      entry: { value: 'x', freshUntil: entry.freshUntil },
      layer: 'warm',
    });
    for (const layer of [hot, warm]) {
      expect(layer?.read(KEY)).toMatchObject({ value: 'x', createdAt: entry.createdAt, freshUntil: entry.freshUntil });
    }
    clock.advance(300);
    expect(hot.peek(KEY)).toBeUndefined();
  });

  it('look no further than the first that has something fresh', async () => {
    const { clock, layers, store, value } = start(2);
    const [warm, cold] = layers.map(({ kept }) => kept);
    warm?.store(KEY, entryOf('stale', clock.now(), { freshUntil: clock.now() - 1, staleUntil: clock.now() + 9_000 }));
    cold?.store(KEY, entryOf('fresh', clock.now(), { version: { source: undefined, assigned: 2 } }));
    await expect(store.find(KEY)).resolves.toMatchObject({ entry: { value: 'fresh' } });
    expect(warm === undefined ? undefined : value(warm)).toBe('fresh');
    warm?.store(KEY, entryOf('nearer', clock.now(), { version: { source: undefined, assigned: 3 } }));
    await expect(store.find(KEY)).resolves.toMatchObject({ entry: { value: 'nearer' } });
  });

  it('find nothing in what is stale, removed or unknown', async () => {
    const { clock, store, keep, hot } = start();
    await expect(store.find(KEY)).resolves.toBeUndefined();
    await keep('x');
    clock.advance(1_000);
    await expect(store.find(KEY)).resolves.toBeUndefined();
    await keep('y', { version: { source: undefined, assigned: 2 } });
    await store.remove(KEY);
    await expect(store.find(KEY)).resolves.toBeUndefined();
    expect(hot.peek(KEY)).toBeUndefined();
  });

  it('remove and expire in every one of them, in memory at once', async () => {
    const { layers, store, keep, hot } = start(2);
    await keep('x');
    const expiring = store.expire(KEY);
    expect(hot.peek(KEY)).toBeUndefined();
    await expiring;
    expect(layers.map(({ kept }) => kept.peek(KEY))).toEqual([undefined, undefined]);
    expect(layers.map(({ kept }) => kept.read(KEY)?.kind)).not.toContain('tombstone');
    await keep('x');
    const removing = store.remove(KEY);
    expect(hot.read(KEY)?.kind).toBe('tombstone');
    await removing;
    expect(layers.map(({ kept }) => kept.read(KEY)?.kind)).toEqual(['tombstone', 'tombstone']);
  });

  it('are closed together', async () => {
    const { layers, store, keep, hot } = start(2);
    await keep('x');
    await store.close();
    expect([hot, ...layers.map(({ kept }) => kept)].map((layer) => layer.read(KEY))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('believe the farthest that something newer is there', async () => {
    const { clock, layers, keep, hot, value } = start(2);
    layers[1]?.kept.store(KEY, entryOf('newer', clock.now(), { version: { source: undefined, assigned: 9 } }));
    await expect(keep('older')).resolves.toBe('older');
    expect([value(hot), ...layers.map(({ kept }) => value(kept))]).toEqual([undefined, undefined, 'newer']);
  });
});

describe('nothing is kept in memory that was asked for before the key was told of:', () => {
  const promote = async (notices: Notices) => {
    const world = start(1, notices);
    const { clock, layers, store, hot } = world;
    const hold = gate();
    layers[0]?.kept.store(KEY, entryOf('old', clock.now()));
    Object.assign(layers[0]?.held ?? {}, { read: hold.promise });
    const found = store.find(KEY);
    await settle();
    notices.note(KEY);
    void store.remove(KEY);
    hold.open();
    await expect(found).resolves.toMatchObject({ entry: { value: 'old' } });
    return world.value(hot);
  };

  it('a value found below', async () => {
    expect(await promote(new Notices())).toBeUndefined();
  });

  it('which without the rule would stay', async () => {
    expect(await promote(new NoNotices())).toBe('old');
  });

  it('a value found two below, told of while the layer between took it', async () => {
    const { clock, layers, store, hot, notices, value } = start(2);
    const hold = gate();
    layers[1]?.kept.store(KEY, entryOf('old', clock.now()));
    Object.assign(layers[0]?.held ?? {}, { store: hold.promise });
    const found = store.find(KEY);
    await settle();
    notices.note(KEY);
    await store.remove(KEY);
    hold.open();
    await found;
    expect(value(hot)).toBeUndefined();
  });

  it('a value asked for before the store', () => {
    const { clock, store, hot, notices, value } = start(0);
    const since = notices.position();
    notices.note(KEY);
    expect(store.store(KEY, entryOf('old', clock.now()), { since, cause: 'load' })).toBe('invalidated');
    expect(value(hot)).toBeUndefined();
  });

  it.each([0, 1])('a value told of while layer %d below took it', async (depth) => {
    const { layers, keep, store, hot, notices, value } = start(2);
    const hold = gate();
    Object.assign(layers[depth]?.held ?? {}, { store: hold.promise });
    const stored = keep('old');
    await settle();
    notices.note(KEY);
    await store.remove(KEY);
    hold.open();
    await expect(stored).resolves.toBe('invalidated');
    expect(value(hot)).toBeUndefined();
    if (depth === 1) expect(layers[0]?.kept.peek(KEY)).toBeUndefined();
  });
});

describe('what a layer cannot take', () => {
  it('is kept by the others', async () => {
    const { keep, hot, layers, value } = start();
    const large = 'x'.repeat(20_000);
    await expect(keep(large)).resolves.toBe('stored');
    expect(value(hot)).toBeUndefined();
    expect(layers[0] === undefined ? undefined : value(layers[0].kept)).toBe(large);
  });
});
