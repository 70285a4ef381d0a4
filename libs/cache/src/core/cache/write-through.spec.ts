import { describe, expect, it } from 'vitest';
import { coreParts, SAVE_TIMEOUT } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { Invalidations } from './invalidations.js';
import { Tagging } from '../tags/tagging.js';
import { Keeper } from './keeper.js';
import type { CallRules } from './rules.js';
import { WriteThrough } from './write-through.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';

interface Row {
  readonly v: number;
}

function start() {
  const parts = coreParts();
  const keeper = new Keeper(parts);
  const invalidations = new Invalidations(parts);
  const writes = new WriteThrough(parts, keeper, invalidations);
  const plain = parts.rules.forKey(KEY);
  const versioned: CallRules = { ...plain, version: (value) => (value as Row).v };
  const put = (value: unknown, rules = plain) =>
    keeper.keep(KEY, value, {
      rules,
      since: parts.notices.position(),
      computeMs: 0,
      tagging: new Tagging(0),
      assigned: parts.versions.next(),
      filling: () => undefined,
    });
  const write = <R>(save: () => Promise<R>, value: (result: R) => unknown = (result) => result, rules = plain) =>
    writes.write(KEY, { save, value, rules });
  const cached = () => parts.store.hot.peek(KEY)?.value;
  return { ...parts, writes, invalidations, plain, versioned, put, write, cached };
}

describe('a write through', () => {
  it('saves, keeps what it was told to of the result, and returns the result', async () => {
    const { write, cached, told } = start();
    await expect(
      write(
        async () => ({ id: 1, name: 'Ada' }),
        ({ name }) => name,
      ),
    ).resolves.toEqual({
      id: 1,
      name: 'Ada',
    });
    expect(cached()).toBe('Ada');
    expect(told).toMatchObject([{ type: 'stored', key: FULL }]);
  });

  it('serves nothing while it saves', async () => {
    const { write, put, cached } = start();
    put('old');
    const hold = gate();
    const done = write(() => hold.promise.then(() => 'new'));
    expect(cached()).toBeUndefined();
    put('read meanwhile');
    expect(cached()).toBeUndefined();
    hold.open();
    await done;
    expect(cached()).toBe('new');
  });

  it('voids the load under way when it begins and when it ends', async () => {
    const { write, flights, plain } = start();
    const never = () => new Promise<never>(() => undefined);
    const hold = gate();
    flights.start(KEY, plain, never);
    const done = write(() => hold.promise);
    expect(flights.find(KEY)).toBeUndefined();
    flights.start(KEY, plain, never);
    hold.open();
    await done;
    expect(flights.find(KEY)).toBeUndefined();
  });

  it('drops what was cached when the save fails, and passes the error on unchanged', async () => {
    const { write, put, cached, intents, told } = start();
    put('old');
    const error = new Error('constraint');
    await expect(write(() => Promise.reject(error))).rejects.toBe(error);
    expect(cached()).toBeUndefined();
    expect(intents.isOpen(KEY)).toBe(false);
    expect(told.at(-1)).toEqual({ type: 'deleted', key: FULL, cause: 'call' });
  });

  it('drops the key where the value is not known', async () => {
    const { write, put, cached, told } = start();
    put('old');
    await write(async () => undefined);
    expect(cached()).toBeUndefined();
    expect(told.map(({ type }) => type)).toEqual(['stored', 'deleted']);
  });

  it('drops the key where others touched it meanwhile', async () => {
    const { write, invalidations, cached } = start();
    const hold = gate();
    const done = write(() => hold.promise.then(() => 'mine'));
    await invalidations.drop(KEY);
    hold.open();
    await done;
    expect(cached()).toBeUndefined();
  });

  it('drops the key where the save took too long', async () => {
    const { write, clock, cached } = start();
    const hold = gate();
    const done = write(() => hold.promise.then(() => 'late'));
    clock.advance(SAVE_TIMEOUT);
    hold.open();
    await expect(done).resolves.toBe('late');
    expect(cached()).toBeUndefined();
  });

  it('does not fail for a value that no layer can keep: it drops the key and tells', async () => {
    const { write, put, store, told } = start();
    put('old');
    const result = { run: () => 1 };
    await expect(write(async () => result)).resolves.toBe(result);
    expect(store.hot.read(KEY)?.kind).toBe('tombstone');
    expect(told.slice(1)).toMatchObject([
      { type: 'write-uncached', key: FULL, error: { code: 'SERIALIZATION' } },
      { type: 'deleted' },
    ]);
  });

  it('does not fail where the value cannot be read of the result: it drops the key and tells', async () => {
    const { write, put, store, intents, told } = start();
    put('old');
    const cause = new Error('getter');
    const value = () => {
      throw cause;
    };
    await expect(write(async () => 'result', value)).resolves.toBe('result');
    expect(store.hot.read(KEY)?.kind).toBe('tombstone');
    expect(intents.isOpen(KEY)).toBe(false);
    expect(told.slice(1)).toMatchObject([
      { type: 'write-uncached', key: FULL, error: { code: 'WRITE', cause } },
      { type: 'deleted' },
    ]);
  });

  it('keeps the highest version of writers that overlap, whoever ends last', async () => {
    const { write, versioned, cached } = start();
    const [first, second] = [gate(), gate()];
    const one = write(() => first.promise.then(() => ({ v: 1 })), undefined, versioned);
    const two = write(() => second.promise.then(() => ({ v: 2 })), undefined, versioned);
    second.open();
    await two;
    expect(cached()).toEqual({ v: 2 });
    first.open();
    await one;
    expect(cached()).toEqual({ v: 2 });
  });
});

describe('a write whose key came from its result', () => {
  it('is kept where its version orders it', async () => {
    const { writes, versioned, cached, notices } = start();
    await writes.settle(KEY, { v: 2 }, { rules: versioned, since: notices.position(), tagging: new Tagging(0) });
    await writes.settle(KEY, { v: 1 }, { rules: versioned, since: notices.position(), tagging: new Tagging(0) });
    expect(cached()).toEqual({ v: 2 });
  });

  it('is dropped where another of the same version is there: either may be the newer', async () => {
    const { writes, versioned, cached, notices } = start();
    const since = notices.position();
    await writes.settle(KEY, { v: 2, by: 'one' }, { rules: versioned, since, tagging: new Tagging(0) });
    await writes.settle(
      KEY,
      { v: 2, by: 'two' },
      { rules: versioned, since: notices.position(), tagging: new Tagging(0) },
    );
    expect(cached()).toBeUndefined();
  });

  it('is dropped where the key was deleted meanwhile: no version tells of that', async () => {
    const { writes, invalidations, versioned, cached, notices } = start();
    const since = notices.position();
    await invalidations.drop(KEY);
    await writes.settle(KEY, { v: 2 }, { rules: versioned, since, tagging: new Tagging(0) });
    expect(cached()).toBeUndefined();
  });

  it('is dropped where it has none', async () => {
    const { writes, put, plain, cached, notices } = start();
    put('old');
    await writes.settle(KEY, 'new', { rules: plain, since: notices.position(), tagging: new Tagging(0) });
    expect(cached()).toBeUndefined();
  });
});

describe('a cached nothing, which has no version, known not to be ordered yet:', () => {
  it('it is dropped where its key came from the result', async () => {
    const { writes, versioned, cached, notices } = start();
    await writes.settle(KEY, null, { rules: versioned, since: notices.position(), tagging: new Tagging(0) });
    expect(cached()).toBeUndefined();
  });

  it('it does not give way to an older row that another writer ends with later', async () => {
    const { write, versioned, cached } = start();
    const [first, second] = [gate(), gate()];
    const update = write(() => first.promise.then(() => ({ v: 1 })), undefined, versioned);
    const remove = write(() => second.promise.then(() => null), undefined, versioned);
    second.open();
    await remove;
    first.open();
    await update;
    expect(cached()).not.toEqual({ v: 1 });
  });
});

describe('to drop and to outdate a key', () => {
  it.each([
    ['drop', 'deleted', 'tombstone'],
    ['outdate', 'expired', 'value'],
  ] as const)('%s tells, and refuses and voids what is being loaded', async (verb, type, left) => {
    const { invalidations, put, cached, flights, plain, notices, store, told } = start();
    put('old');
    const before = notices.position();
    flights.start(KEY, plain, () => new Promise<never>(() => undefined));
    await expect(invalidations[verb](KEY)).resolves.toBe(true);
    expect(cached()).toBeUndefined();
    expect(store.hot.read(KEY)?.kind ?? 'value').toBe(left);
    expect(notices.admits(KEY, before)).toBe(false);
    expect(flights.find(KEY)).toBeUndefined();
    expect(told.at(-1)).toEqual({ type, key: FULL, cause: 'call' });
  });
});
