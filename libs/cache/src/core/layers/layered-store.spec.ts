import { describe, expect, it } from 'vitest';
import { entryOf, FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLayer } from '../../drivers/memory/memory-layer.js';
import { Notices } from '../coherence/notices.js';
import type { EntryHeader } from '../entry/entry.js';
import type { Layer } from './layer.js';
import { LayeredStore, type LayeredStoreParts } from './layered-store.js';

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

describe('an entry whose key is touched while a layer below answers', () => {
  class NoSuspicions extends Notices {
    override trusts(): boolean {
      return true;
    }
  }

  async function overtaken(ask: (from: ReturnType<typeof start>) => unknown, notices?: Notices) {
    const from = start(1, notices);
    const [below] = from.layers;
    below?.kept.store(KEY, entryOf('old', from.clock.now()));
    const hold = gate();
    Object.assign(below?.held ?? {}, { read: hold.promise, store: hold.promise });
    const asked = ask(from);
    await settle();
    from.notices.suspect(KEY);
    hold.open();
    await asked;
    return [from.value(from.hot), from.hot.doubted(KEY)?.value];
  }

  it('is kept in memory, in doubt', async () => {
    expect(await overtaken(({ store }) => store.find(KEY))).toEqual([undefined, 'old']);
    expect(await overtaken(({ keep }) => keep('new'))).toEqual([undefined, 'new']);
  });

  it('would be served on and on (control)', async () => {
    expect(await overtaken(({ store }) => store.find(KEY), new NoSuspicions())).toEqual(['old', undefined]);
  });
});

describe('an entry that memory doubts', () => {
  const VERSION = { source: undefined, assigned: 5 };
  const SHORTER = new FakeClock().now() + 1;

  function doubting(
    header: () => Promise<Partial<EntryHeader> | undefined>,
    more: Pick<LayeredStoreParts, 'inTimeLeft'> = {},
  ) {
    const clock = new FakeClock();
    const notices = new Notices();
    const memory = () => new MemoryLayer({ clock, maxBytes: 100_000, maxEntries: 100 });
    const [hot, far] = [memory(), memory()];
    const asked: string[] = [];
    const store = new LayeredStore({
      hot,
      below: [late(far, {})],
      notices,
      dates: clock,
      ...more,
      headers: {
        header: async (key) => {
          asked.push(`header ${key}`);
          const said = await header();
          return said && { ...entryOf('', clock.now(), { version: VERSION }), ...said };
        },
      },
    });
    const read = far.read.bind(far);
    Object.assign(far, { read: (key: string) => (asked.push(`read ${key}`), read(key)) });
    hot.store(KEY, entryOf('kept', clock.now(), { version: VERSION }));
    far.store(KEY, entryOf('there', clock.now(), { version: { source: undefined, assigned: 4 } }));
    hot.doubt();
    return { clock, notices, hot, far, store, asked, value: () => hot.peek(KEY)?.value };
  }

  it('is served again where all others have the same', async () => {
    const { store, asked, value, hot } = doubting(async () => ({}));
    await expect(store.find(KEY)).resolves.toMatchObject({ entry: { value: 'kept' }, layer: 'hot' });
    expect([asked, value()]).toEqual([['header town:1'], 'kept']);
    expect(hot.hit(KEY)).toBeInstanceOf(Promise);
  });

  it.each([
    ['another version', { version: { source: undefined, assigned: 6 } }],
    ['an older version', { version: { source: undefined, assigned: 4 } }],
    ['another version of the source', { version: { source: 1n, assigned: 5 } }],
    ['what is fresh no more', { freshUntil: 0 }],
    ['what is fresh for less long', { freshUntil: SHORTER }],
    ['nothing', undefined],
  ])('goes where others have %s, and what they have is kept, be it older', async (_, header) => {
    const { store, asked, value } = doubting(async () => header);
    await expect(store.find(KEY)).resolves.toMatchObject({ entry: { value: 'there' }, layer: 'warm' });
    expect([asked, value()]).toEqual([['header town:1', 'read town:1'], 'there']);
  });

  it('stays in doubt where something was told meanwhile, and where nobody hears', async () => {
    const told = doubting(async () => {
      told.notices.noteAll();
      return {};
    });
    await expect(told.store.find(KEY)).resolves.toMatchObject({ entry: { value: 'kept' } });
    const deaf = doubting(async () => ({}));
    deaf.notices.deafen();
    await expect(deaf.store.find(KEY)).resolves.toMatchObject({ entry: { value: 'kept' } });
    expect([told.value(), deaf.value()]).toEqual([undefined, undefined]);
  });

  it('stays in doubt where its key alone was touched meanwhile, until it is looked at again', async () => {
    const answers = [() => touched.notices.suspect(KEY), () => touched.notices.suspect('town:2')];
    const touched = doubting(async () => {
      answers.shift()?.();
      return {};
    });
    await expect(touched.store.find(KEY)).resolves.toMatchObject({ entry: { value: 'kept' } });
    expect(touched.value()).toBeUndefined();
    await touched.store.find(KEY);
    expect(touched.value()).toBe('kept');
  });

  it('fails its call where nobody can be asked, and stays in doubt', async () => {
    const { store, value, hot } = doubting(() => Promise.reject(new Error('away')));
    await expect(store.find(KEY)).rejects.toThrow('away');
    expect([value(), hot.doubted(KEY)?.value]).toEqual([undefined, 'kept']);
  });

  it('is read anew in what the look at it has left of the time of the call', async () => {
    const spent: number[] = [];
    const inTimeLeft = async <T>(_: string, trip: Promise<T>, ms: number): Promise<T> => (spent.push(ms), trip);
    const slow = doubting(
      async () => {
        slow.clock.advance(30);
        return undefined;
      },
      { inTimeLeft },
    );
    await slow.store.find(KEY);
    expect(spent).toEqual([30]);
  });

  it('is not asked about where there is no doubt', async () => {
    const { store, asked, hot } = doubting(async () => ({}));
    hot.forget(KEY);
    await store.find(KEY);
    await store.find('town:2');
    expect(asked).toEqual(['read town:1', 'read town:2']);
  });

  it('leaves room for what a process writes that does not hear', () => {
    const { store, hot, value, notices, clock } = doubting(async () => ({}));
    hot.confirm(KEY, VERSION);
    notices.deafen();
    void store.store(KEY, entryOf('new', clock.now()), { since: notices.position(), cause: 'write' });
    return settle().then(() => expect([value(), hot.doubted(KEY)]).toEqual([undefined, undefined]));
  });
});
