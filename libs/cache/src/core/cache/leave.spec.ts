import { describe, expect, it, vi } from 'vitest';
import { coreParts, settle, sharedParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { Cache } from './cache.js';
import type { Load } from './load.js';

const KEY = 'town:1';
const GONE = new Error('the request was closed');

function start(parts = coreParts()) {
  const cache = new Cache(parts);
  const done = gate();
  const loads: Load[] = [];
  const load = async (one: Load) => {
    loads.push(one);
    await done.promise;
    return 'loaded';
  };
  /** A caller that may leave, and what the call has come to. */
  const caller = () => {
    const controller = new AbortController();
    const call = cache.readThrough(KEY, load, { signal: controller.signal });
    call.catch(() => undefined);
    return { call, leave: () => controller.abort(GONE) };
  };
  return { ...parts, cache, load, loads, done, caller };
}

describe('a caller whose signal aborts', () => {
  it('waits no more, and those who wait go on', async () => {
    const { cache, load, loads, done, caller } = start();
    const first = caller();
    const second = caller();
    const stays = cache.readThrough(KEY, load);
    first.leave();
    await expect(first.call).rejects.toBe(GONE);
    second.leave();
    await expect(second.call).rejects.toBe(GONE);
    expect(loads.map(({ signal }) => signal.aborted)).toEqual([false]);
    done.open();
    await expect(stays).resolves.toBe('loaded');
    await expect(cache.get(KEY)).resolves.toBe('loaded');
  });

  it('ends the load where he was the last, and the next caller loads anew', async () => {
    const { cache, load, loads, done, caller } = start();
    const first = caller();
    const second = caller();
    await settle();
    first.leave();
    expect(loads[0]?.signal.aborted).toBe(false);
    second.leave();
    expect(loads[0]?.signal).toMatchObject({ aborted: true, reason: GONE });
    const next = cache.readThrough(KEY, load);
    await settle();
    expect(loads).toHaveLength(2);
    done.open();
    await expect(next).resolves.toBe('loaded');
  });

  it('leaves to nobody what the loader throws then', async () => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);
    const { cache, told } = start();
    const controller = new AbortController();
    const call = cache.readThrough(
      KEY,
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      { signal: controller.signal },
    );
    await settle();
    controller.abort(GONE);
    await expect(call).rejects.toBe(GONE);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
    expect(told.at(-1)).toMatchObject({ type: 'load-failed', error: GONE });
  });

  it('gives nobody what a loader says that does not look at its signal', async () => {
    const { cache, done, caller } = start();
    const only = caller();
    await settle();
    only.leave();
    done.open();
    await settle();
    await expect(cache.get(KEY)).resolves.toBeUndefined();
  });

  it('spares the loader where the layers had not answered yet', async () => {
    const parts = sharedParts();
    const answers = gate();
    parts.far.hold = answers.promise;
    const { loads, caller } = start(parts);
    const only = caller();
    await settle();
    only.leave();
    await expect(only.call).rejects.toBe(GONE);
    answers.open();
    await settle();
    expect(loads).toEqual([]);
  });

  it('gets nothing where it aborted before', async () => {
    const { cache, load, loads } = start();
    await cache.set(KEY, 'there');
    await expect(cache.readThrough(KEY, load, { signal: AbortSignal.abort(GONE) })).rejects.toBe(GONE);
    expect(loads).toEqual([]);
  });

  it('gets the value where it aborts later', async () => {
    const { done, caller } = start();
    const { call, leave } = caller();
    done.open();
    await expect(call).resolves.toBe('loaded');
    leave();
  });

  it('gets a hit as any other', async () => {
    const { cache, load, loads } = start();
    await cache.set(KEY, 'there');
    await expect(cache.readThrough(KEY, load, { signal: new AbortController().signal })).resolves.toBe('there');
    expect(loads).toEqual([]);
  });
});

it('thousands of reads under one signal leave nothing at it', async () => {
  const parts = coreParts();
  const cache = new Cache(parts);
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const reads = Array.from({ length: 5_000 }, (_, at) => cache.readThrough(`town:${at}`, async () => at, { signal }));
  await Promise.all(reads);
  expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 1]);
});

it('what is no signal is refused by name', async () => {
  const { cache, load } = start();
  const signal = new AbortController() as unknown as AbortSignal;
  await expect(cache.readThrough(KEY, load, { signal })).rejects.toThrow('options.signal: ');
});
