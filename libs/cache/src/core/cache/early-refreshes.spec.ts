import { describe, expect, it } from 'vitest';
import { coreParts, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { Cache } from './cache.js';
import type { Load } from './load.js';
import type { CallReadOptions } from './policy.js';

const KEY = 'town:1';
const EARLY: CallReadOptions = { ttl: 1_000, earlyRefresh: { threshold: 0.5 } };

/** A cache whose key is read by one loader, which counts, and may be held or fail. */
function start(options: CallReadOptions = EARLY) {
  const parts = coreParts({ instead: () => ({ random: () => 0.5 }) });
  const cache = new Cache(parts);
  const source = { loads: 0, hold: Promise.resolve() as Promise<unknown>, load: undefined as Load | undefined };
  const load = async (of: Load): Promise<unknown> => {
    source.load = of;
    const number = ++source.loads;
    await source.hold;
    return `load ${number}`;
  };
  const read = (more: CallReadOptions = {}) => cache.readThrough(KEY, load, { ...options, ...more });
  const pass = async (ms: number) => {
    parts.clock.advance(ms);
    await settle();
  };
  const told = (type: string) => parts.told.filter((event) => event.type === type);
  return { ...parts, cache, source, read, pass, told, events: parts.events };
}

describe('a value that is read before its time is over', () => {
  it('is loaded anew once, and its readers get it meanwhile', async () => {
    const { read, pass, source, told } = start();
    await read();
    await pass(499);
    await read();
    expect(source.loads).toBe(1);
    await pass(1);
    const held = gate();
    source.hold = held.promise;
    expect([await read(), await read(), await read()]).toEqual(['load 1', 'load 1', 'load 1']);
    expect(source.loads).toBe(2);
    held.open();
    await settle();
    await expect(read()).resolves.toBe('load 2');
    expect(told('refresh-started')).toMatchObject([{ cause: 'early' }]);
    expect(told('refresh-ended')).toHaveLength(1);
  });

  it('starts a new life then', async () => {
    const { read, pass, source } = start();
    await read();
    await pass(500);
    await read();
    await settle();
    await pass(499);
    await expect(read()).resolves.toBe('load 2');
    expect(source.loads).toBe(2);
    await pass(1);
    await read();
    expect(source.loads).toBe(3);
  });

  it('is not once nobody reads it, nor by a reader who does not load', async () => {
    const { cache, read, pass, source } = start();
    await read();
    await pass(600);
    await expect(cache.get(KEY)).resolves.toBe('load 1');
    expect(source.loads).toBe(1);
  });

  it('is served until its time is over where that load fails, and nobody is told of it but who listens', async () => {
    const { cache, read, pass, source, told } = start();
    await read();
    await pass(500);
    source.hold = Promise.reject(new Error('down'));
    source.hold.catch(() => undefined);
    await expect(read()).resolves.toBe('load 1');
    await settle();
    expect(told('refresh-ended')).toMatchObject([{ error: new Error('down') }]);
    await pass(499);
    await expect(read()).resolves.toBe('load 1');
    expect(source.loads).toBe(2);
    source.hold = Promise.resolve();
    await pass(2);
    await expect(read()).resolves.toBe('load 3');
    await cache.stop();
  });

  it('is not kept where it was deleted meanwhile, and whoever reads then loads for himself', async () => {
    const { cache, read, pass, source } = start();
    await read();
    await pass(500);
    const held = gate();
    source.hold = held.promise;
    await read();
    await cache.delete([KEY]);
    source.hold = Promise.resolve();
    await expect(read()).resolves.toBe('load 3');
    held.open();
    await settle();
    await expect(read()).resolves.toBe('load 3');
  });

  it('is waited for by those who find it over', async () => {
    const { read, pass, source } = start();
    await read();
    await pass(500);
    const held = gate();
    source.hold = held.promise;
    await read();
    await pass(600);
    const late = read();
    held.open();
    await expect(late).resolves.toBe('load 2');
    expect(source.loads).toBe(2);
  });

  it.each<[string, CallReadOptions]>([
    ['the option is off', { earlyRefresh: false }],
    ['the level is strict', { level: 'strict' }],
    ['memory is skipped', { skip: ['local'] }],
  ])('is not where %s', async (_, more) => {
    const { read, pass, source, told } = start({ ...EARLY, ...more });
    await read();
    await pass(500);
    await read();
    expect(told('refresh-started')).toEqual([]);
    expect(source.loads).toBe(more.skip === undefined ? 1 : 2);
  });

  it('is served from memory to calls without options, too', async () => {
    const { store, read, pass, source } = start();
    await read();
    await pass(600);
    expect(store.hot.hit(KEY)).toBeUndefined();
    await read();
    await settle();
    await expect(store.hot.hit(KEY)).resolves.toBe('load 2');
    expect(source.loads).toBe(2);
  });
});

describe('what a loader knows of the value that it replaces', () => {
  it('is nothing on a miss, and then it cannot say that it is still true', async () => {
    const { cache, read, source } = start();
    await read();
    expect(source.load?.stale).toBeUndefined();
    const wrong = cache.readThrough('town:2', async (load) => load.notModified());
    await expect(wrong).rejects.toThrow("load.notModified(): there is no stale value of 'app:lake:town:2'");
  });

  it.each<[string, CallReadOptions, number]>([
    ['loaded anew before its time is over', EARLY, 600],
    ['stale', { ttl: 1_000, staleFor: '1h' }, 1_200],
  ])('is the value, and that it is still true gives it a new life: %s', async (_, options, after) => {
    const { cache, read, pass, told } = start(options);
    await read();
    await pass(after);
    const known: unknown[] = [];
    const same = async (load: Load): Promise<unknown> => {
      known.push(load.stale);
      return load.notModified();
    };
    await expect(cache.readThrough(KEY, same, options)).resolves.toBe('load 1');
    await settle();
    expect(known).toEqual(['load 1']);
    expect(told('load-failed')).toEqual([]);
    await pass(450);
    await expect(cache.get(KEY)).resolves.toBe('load 1');
  });
});
