import { describe, expect, it } from 'vitest';
import { coreParts } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { CacheSerializationError } from '../errors.js';
import { LayeredStore } from '../layers/layered-store.js';
import { Tagging } from '../tags/tagging.js';
import { Keeper } from './keeper.js';
import type { CallRules } from './rules.js';

const KEY = 'town:1';
const FULL = 'app:lake:town:1';

function start(options: Parameters<typeof coreParts>[0] = {}) {
  const parts = coreParts(options);
  const keeper = new Keeper(parts);
  const fillings: Promise<void>[] = [];
  const keep = (value: unknown, more: Partial<CallRules> = {}) =>
    keeper.keep(KEY, value, {
      rules: { ...parts.rules.forKey(KEY), ...more },
      since: parts.notices.position(),
      computeMs: 7,
      tagging: new Tagging(0),
      assigned: parts.versions.next(),
      filling: (done) => fillings.push(done),
    });
  return { ...parts, keeper, keep, fillings };
}

describe('the keeper', () => {
  it.each([null, 0, '', false, { id: 1 }])('keeps %j and tells so', (value) => {
    const { keep, store, told } = start();
    expect(keep(value)).toEqual({ kind: 'kept', kept: expect.objectContaining({ value, shareable: true }) });
    expect(store.hot.peek(KEY)).toEqual({ value, shareable: true });
    expect(told).toEqual([{ type: 'stored', key: FULL, bytes: expect.any(Number), ttl: 300_000 }]);
  });

  it('writes the whole header', () => {
    const { keep, store, clock } = start({ instead: () => ({ random: () => 0 }) });
    const now = clock.now();
    keep({ v: 7 }, { ttl: 1_000, version: (value) => (value as { v: number }).v });
    expect(store.hot.read(KEY)).toMatchObject({
      kind: 'value',
      version: { source: 7n, assigned: now * 1_000 },
      createdAt: now,
      freshUntil: now + 900,
      staleUntil: now + 900,
      computeMs: 7,
      tagGeneration: 0,
      tags: [],
    });
  });

  it('asks no version of a cached nothing', () => {
    const { keep, store } = start();
    keep(null, { version: (value) => (value as { v: number }).v });
    expect(store.hot.read(KEY)).toMatchObject({ kind: 'value', value: null, version: { source: undefined } });
  });

  it('does not keep undefined', () => {
    const { keep, store, told } = start();
    expect(keep(undefined)).toEqual({ kind: 'nothing' });
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told).toEqual([{ type: 'not-stored', key: FULL, reason: 'undefined' }]);
  });

  it('does not keep what was loaded before the key was last told of', () => {
    const { keeper, rules, notices, store, told } = start();
    const since = notices.position();
    notices.note(KEY);
    const outcome = keeper.keep(KEY, 'old', {
      rules: rules.forKey(KEY),
      since,
      computeMs: 0,
      tagging: new Tagging(0),
      assigned: 1,
      filling: () => undefined,
    });
    expect(outcome).toMatchObject({ kind: 'kept', kept: { value: 'old' } });
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told).toEqual([{ type: 'not-stored', key: FULL, reason: 'invalidated' }]);
  });

  it('does not keep while a write is under way', () => {
    const { keep, intents, store, told } = start();
    intents.begin(KEY);
    expect(keep('old')).toMatchObject({ kind: 'kept' });
    expect(store.hot.read(KEY)).toBeUndefined();
    expect(told).toEqual([{ type: 'not-stored', key: FULL, reason: 'invalidated' }]);
  });

  it('tells what the layers refused', () => {
    const { keep, told } = start();
    keep({ v: 2 }, { version: (value) => (value as { v: number }).v });
    keep({ v: 1 }, { version: (value) => (value as { v: number }).v });
    keep('x'.repeat(1_000_000));
    expect(told.slice(1)).toEqual([
      { type: 'not-stored', key: FULL, reason: 'older' },
      { type: 'not-stored', key: FULL, reason: 'too-large' },
    ]);
  });

  it('hands back what cannot be kept, telling the method it came from', () => {
    const { keep, store, told } = start();
    const loaded = { run: () => 1 };
    expect(keep(loaded)).toEqual({ kind: 'refused', loaded, error: expect.any(CacheSerializationError) });
    expect(told).toEqual([]);
    expect(keep(loaded, { origin: 'Towns.find' })).toMatchObject({ kind: 'refused' });
    expect(told).toEqual([
      { type: 'uncached', method: 'Towns.find', key: FULL, error: expect.any(CacheSerializationError) },
    ]);
    expect(store.hot.read(KEY)).toBeUndefined();
  });

  it.each([
    ['is none', () => 1.5, 'cannot order two writes'],
    [
      'cannot be found',
      () => {
        throw new Error('no row');
      },
      'the function that finds the version of the value threw',
    ],
  ])('refuses a value whose version %s', (_, version, sentence) => {
    const { keep, store } = start();
    const outcome = keep({ v: 1 }, { version });
    expect(outcome).toMatchObject({
      kind: 'refused',
      error: { code: 'SERIALIZATION', message: expect.stringContaining(sentence) },
    });
    expect(store.hot.read(KEY)).toBeUndefined();
  });

  it('says what to do instead of keeping undefined', () => {
    const { keeper, rules } = start();
    expect(() => keeper.freeze(KEY, undefined, rules.forKey(KEY))).toThrow(
      `'${FULL}': undefined means "not cached" and cannot be kept. Use null for a cached nothing, or delete the key.`,
    );
  });

  it.each(['stored', 'failed'] as const)('does not wait for layers that answer later: %s', async (end) => {
    const hold = gate();
    const { keep, told, fillings } = start({
      instead: ({ store, notices, clock }) => {
        const late = {
          name: 'warm',
          read: () => undefined,
          store: async () => {
            await hold.promise;
            if (end === 'failed') throw new Error('disk');
            return 'stored' as const;
          },
          remove: () => undefined,
          expire: () => undefined,
          close: () => undefined,
        } as const;
        return { store: new LayeredStore({ hot: store.hot, below: [late], notices, dates: clock }) };
      },
    });
    expect(keep('value')).toMatchObject({ kind: 'kept' });
    expect(told).toEqual([]);
    expect(fillings).toHaveLength(1);
    hold.open();
    await Promise.all(fillings);
    const failed = [
      { type: 'layer-failed', key: FULL, operation: 'fill' },
      { type: 'not-stored', reason: 'failed' },
    ];
    expect(told).toMatchObject(end === 'stored' ? [{ type: 'stored' }] : failed);
  });
});
