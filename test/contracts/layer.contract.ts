import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tombstone, type Entry, type EntryHeader, type ValueEntry } from '../../libs/cache/src/core/entry/entry.js';
import type { Layer, StoreCause } from '../../libs/cache/src/core/layers/layer.js';
import { entryOf } from '../support/core.js';
import { NEWER, ODD_KEYS, VALUES } from './samples.js';
import type { Opened, Subject } from './subject.js';

/** How long a removal is remembered. */
const MINUTE = 60_000;

/** What every layer owes, sentence by sentence of the port. */
export function layerContract({ name, open, tick, isPatient, isShared }: Subject): void {
  describe(`the contract of a layer: ${name}`, () => {
    let opened: Opened<Layer>;
    let layer: Layer;

    beforeEach(async () => {
      opened = await open();
      layer = opened.layer;
    });

    afterEach(async () => {
      await layer.close();
      await opened.dispose?.();
    });

    /** Fresh for one tick and known for two more, unless said otherwise. */
    const entry = (value: unknown, header: Partial<EntryHeader> = {}): ValueEntry => {
      const now = opened.now();
      return entryOf(value, now, { freshUntil: now + tick, staleUntil: now + 3 * tick, ...header });
    };
    const lasting = (value: unknown, header: Partial<EntryHeader> = {}) =>
      entry(value, { freshUntil: Number.POSITIVE_INFINITY, staleUntil: Number.POSITIVE_INFINITY, ...header });
    const versioned = (assigned: number, source?: bigint) => lasting(`v${assigned}`, { version: { assigned, source } });
    const read = async (key = 'k:1'): Promise<Entry | undefined> => layer.read(key);
    const store = (key: string, stored: Entry, cause: StoreCause = 'load') => layer.store(key, stored, cause);
    /** What a layer that others write makes of an assigned version when it changes the entry: one of this moment. */
    const raised = (assigned: number): unknown => (isShared ? expect.toSatisfy(isOfNow) : assigned);
    /** An assigned version above such a one. */
    const after = (assigned: number) => (isShared ? (opened.now() + 1_000) * 1_000 : assigned);
    const isOfNow = (assigned: number) => Math.abs(assigned / 1_000 - opened.now()) < 5_000;
    const valueOf = (found: Entry | undefined) => (found?.kind === 'value' ? found.value : undefined);
    const isFreshNow = (found: Entry | undefined) => found?.kind === 'value' && found.freshUntil > opened.now();

    const known = isShared ? 'a tombstone of this moment' : 'nothing';

    describe('reads', () => {
      it('nothing of a key it does not know', async () => {
        expect(await read()).toBeUndefined();
      });

      it('what was stored, whole', async () => {
        const stored = entry(
          { name: 'Ada' },
          { version: { source: -3n, assigned: 1_763_830_000_123_456 }, computeMs: 12 },
        );
        expect(await store('k:1', stored)).toBe('stored');
        expect(await read()).toMatchObject({
          kind: 'value',
          value: stored.value,
          shareable: true,
          version: stored.version,
          createdAt: stored.createdAt,
          freshUntil: stored.freshUntil,
          staleUntil: stored.staleUntil,
          computeMs: 12,
          tagGeneration: 0,
          tags: [],
        });
      });

      it('tags and their generation', async () => {
        await store('k:1', { ...lasting('x', { tagGeneration: 1_763_830_000_000_001 }), tags: ['t', 'u'] });
        expect(await read()).toMatchObject({ tags: ['t', 'u'], tagGeneration: 1_763_830_000_000_001 });
      });

      it.each(VALUES)('%s as it was', async (_, value) => {
        await store('k:1', lasting(value));
        expect(valueOf(await read())).toStrictEqual(lasting(value).value);
        expect(await read()).toMatchObject({ kind: 'value', shareable: lasting(value).shareable });
      });

      it('nothing that a reader could change', async () => {
        await store('k:1', lasting({ list: [1] }));
        expect(Object.isFrozen(valueOf(await read()))).toBe(true);
      });

      it.each(ODD_KEYS)('under the key %s, and no other', async (key) => {
        for (const [at, other] of ODD_KEYS.entries()) await store(other, lasting(at));
        await store(key, lasting('mine'));
        expect(valueOf(await read(key))).toBe('mine');
        for (const [at, other] of ODD_KEYS.entries()) {
          if (other !== key) expect(valueOf(await read(other))).toBe(at);
        }
      });

      it('each of a thousand keys', async () => {
        const keys = Array.from({ length: 1_000 }, (_, at) => `k:${at}`);
        await Promise.all(keys.map(async (key) => store(key, lasting(key))));
        const found = await Promise.all(keys.map((key) => read(key)));
        expect(found.map(valueOf)).toEqual(keys);
      });
    });

    describe('time', () => {
      it('leaves a value that is no longer fresh until it is over, and none after', async () => {
        const staleUntil = opened.now() + 12 * tick;
        await store('k:1', entry('x', { freshUntil: opened.now() + 2 * tick, staleUntil }));
        expect(isFreshNow(await read())).toBe(true);
        await opened.pass(3 * tick);
        expect(valueOf(await read())).toBe('x');
        expect(isFreshNow(await read())).toBe(false);
        await opened.pass(10 * tick);
        expect(await read()).toBeUndefined();
      });

      it('keeps absolute times: neither reading nor waiting moves them', async () => {
        const stored = entry('x');
        await store('k:1', stored);
        await opened.pass(tick / 2);
        await read();
        expect(await read()).toMatchObject({ freshUntil: stored.freshUntil, staleUntil: stored.staleUntil });
      });

      it('takes what was created before, with the lifetime it has left', async () => {
        const now = opened.now();
        const times = { createdAt: now - tick, freshUntil: now + tick / 2, staleUntil: now + tick };
        await store('k:1', entry('x', times));
        expect(await read()).toMatchObject(times);
        await opened.pass(tick);
        expect(await read()).toBeUndefined();
      });

      it('never ends what has no end', async () => {
        await store('k:1', lasting('x'));
        await opened.pass(3 * tick);
        expect(await read()).toMatchObject({ value: 'x', freshUntil: Infinity, staleUntil: Infinity });
      });

      it('gives the times of the new value, not of the old', async () => {
        await store('k:1', entry('short', { version: { source: undefined, assigned: 1 } }));
        await store('k:1', versioned(2));
        await opened.pass(3 * tick);
        expect(valueOf(await read())).toBe('v2');
      });

      it('takes an older version once the newer is over', async () => {
        await store('k:1', entry('new', { version: { source: undefined, assigned: 9 } }));
        // A server forgets by its own clock, which counts whole milliseconds.
        await opened.pass(3 * tick + 2);
        expect(await store('k:1', versioned(1))).toBe('stored');
        expect(valueOf(await read())).toBe('v1');
      });
    });

    describe('stores, unless something newer is there:', () => {
      it.each(NEWER)('%s replaces', async (_, [assigned, source], [newAssigned, newSource]) => {
        await store('k:1', versioned(assigned, source));
        const newer = lasting('new', { version: { assigned: newAssigned, source: newSource } });
        expect(await store('k:1', newer)).toBe('stored');
        // Where others write, what is known of a key never falls.
        const kept = isShared ? Math.max(assigned, newAssigned) : newAssigned;
        expect(await read()).toMatchObject({ value: 'new', version: { assigned: kept, source: newSource } });
      });

      it.each(NEWER.filter(([what]) => !what.startsWith('the same')))(
        '%s is not replaced by what it would replace',
        async (_, [assigned, source], [newAssigned, newSource]) => {
          await store('k:1', versioned(newAssigned, newSource));
          const older = lasting('old', { version: { assigned, source } });
          expect(await store('k:1', older)).toBe('older');
          expect(await read()).toMatchObject({ value: `v${newAssigned}`, version: { assigned: newAssigned } });
        },
      );

      it.each([
        ['the same', 7n, 'older'],
        ['a lower', 6n, 'older'],
        ['a higher', 8n, 'stored'],
      ] as const)('a contested write of %s source version: %s', async (_, source, outcome) => {
        await store('k:1', versioned(1, 7n));
        await store('k:2', versioned(1, 7n));
        await layer.remove('k:2');
        const contested = versioned(after(2), source);
        for (const key of ['k:1', 'k:2']) expect(await store(key, contested, 'contested')).toBe(outcome);
        expect(valueOf(await read())).toBe(outcome === 'stored' ? contested.value : 'v1');
      });

      it('a contested write where no source version is known', async () => {
        await store('k:1', versioned(1));
        expect(await store('k:1', versioned(after(2), 7n), 'contested')).toBe('stored');
        expect(await store('k:2', versioned(after(3), 7n), 'contested')).toBe('stored');
      });

      it('an expired value is still newer', async () => {
        await store('k:1', versioned(5));
        await layer.expire('k:1');
        expect(await store('k:1', versioned(4))).toBe('older');
        expect(await store('k:1', versioned(after(6)))).toBe('stored');
        expect(isFreshNow(await read())).toBe(true);
      });

      it('is known of a key, whatever came between', async () => {
        await store('k:1', versioned(5));
        await store('k:2', versioned(1));
        expect(await store('k:1', versioned(4))).toBe('older');
        expect(valueOf(await read())).toBe('v5');
      });

      it('the highest of many that arrive in any order', async () => {
        await Promise.all([3, 1, 8, 2, 5].map(async (assigned) => store('k:1', versioned(assigned))));
        expect(valueOf(await read())).toBe('v8');
      });
    });

    describe('removes', () => {
      it('the value, and leaves a tombstone with its versions', async () => {
        await store('k:1', versioned(5, 7n));
        await layer.remove('k:1');
        expect(await read()).toMatchObject({ kind: 'tombstone', version: { assigned: raised(5), source: 7n } });
      });

      it('one key and no other', async () => {
        await store('k:1', versioned(1));
        await store('k:10', versioned(1));
        await layer.remove('k:1');
        expect(valueOf(await read('k:10'))).toBe('v1');
      });

      it(`nothing, and leaves ${known}, where it knows nothing`, async () => {
        await layer.remove('k:1');
        expect((await read())?.kind).toBe(isShared ? 'tombstone' : undefined);
        expect(await store('k:1', versioned(0))).toBe(isShared ? 'older' : 'stored');
      });

      it('so that older is refused and newer is taken', async () => {
        await store('k:1', versioned(5, 7n));
        await layer.remove('k:1');
        expect(await store('k:1', versioned(9, 6n), 'write')).toBe('older');
        expect(await store('k:1', versioned(4))).toBe('older');
        expect((await read())?.kind).toBe('tombstone');
        const newer = versioned(after(1), 8n);
        expect(await store('k:1', newer, 'write')).toBe('stored');
        expect(await read()).toMatchObject({ kind: 'value', version: newer.version });
      });

      it('an expired value as well', async () => {
        await store('k:1', versioned(5));
        await layer.expire('k:1');
        await layer.remove('k:1');
        expect((await read())?.kind).toBe('tombstone');
      });

      it('and is told by a tombstone that others left', async () => {
        await store('k:1', versioned(5));
        const told = tombstone({ assigned: 6, source: undefined }, opened.now(), MINUTE);
        expect(await store('k:1', told)).toBe('stored');
        expect(await read()).toMatchObject({ kind: 'tombstone', version: { assigned: 6 } });
        expect(await store('k:1', tombstone({ assigned: 5, source: undefined }, opened.now(), MINUTE))).toBe('older');
      });

      if (isPatient)
        it('for a minute, counted from the first removal', async () => {
          await store('k:1', versioned(5));
          await layer.remove('k:1');
          await opened.pass(MINUTE - 1);
          await layer.remove('k:1');
          expect(await store('k:1', versioned(4))).toBe('older');
          await opened.pass(1);
          expect(await read()).toBeUndefined();
          expect(await store('k:1', versioned(4))).toBe('stored');
        });

      if (isPatient)
        it('for a minute, however short the value would have lived', async () => {
          await store('k:1', entry('x', { version: { assigned: 5, source: undefined } }));
          await layer.remove('k:1');
          await opened.pass(3 * tick);
          expect(await store('k:1', versioned(4))).toBe('older');
        });
    });

    describe('expires', () => {
      it('the value: it is kept and no longer fresh', async () => {
        const stored = entry('x', { version: { assigned: 5, source: 7n } });
        await store('k:1', stored);
        await layer.expire('k:1');
        const found = await read();
        expect(isFreshNow(found)).toBe(false);
        expect(found).toMatchObject({
          kind: 'value',
          value: 'x',
          version: { assigned: raised(5), source: 7n },
          createdAt: stored.createdAt,
          freshUntil: 0,
        });
      });

      it('the value as if its lifetime ended now: stale for as long as it would have been, at most', async () => {
        const now = opened.now();
        const stored = entry('x', { freshUntil: now + 50 * tick, staleUntil: now + 52 * tick });
        await store('k:1', stored);
        await layer.expire('k:1');
        const staleUntil = (await read())?.staleUntil ?? 0;
        expect(staleUntil).toBeGreaterThanOrEqual(Math.floor(now + 2 * tick));
        expect(staleUntil).toBeLessThan(now + 50 * tick);
        await layer.expire('k:1');
        expect((await read())?.staleUntil).toBe(staleUntil);
        await store('k:2', lasting('y'));
        await layer.expire('k:2');
        expect(await read('k:2')).toMatchObject({ value: 'y', freshUntil: 0, staleUntil: Infinity });
      });

      it('once: a second time does not make it fresher', async () => {
        await store('k:1', lasting('x'));
        await layer.expire('k:1');
        const first = await read();
        await opened.pass(tick);
        await layer.expire('k:1');
        expect((await read())?.freshUntil).toBe(first?.freshUntil);
      });

      it(`nothing, and leaves ${known}, where it knows nothing, and no tombstone`, async () => {
        await layer.expire('k:1');
        expect((await read())?.kind).toBe(isShared ? 'tombstone' : undefined);
        await store('k:1', versioned(after(5)));
        await layer.remove('k:1');
        await layer.expire('k:1');
        expect((await read())?.kind).toBe('tombstone');
      });

      it('one key and no other', async () => {
        await store('k:1', versioned(1));
        await store('k:10', versioned(1));
        await layer.expire('k:1');
        expect(isFreshNow(await read('k:10'))).toBe(true);
        expect(isFreshNow(await read())).toBe(false);
      });
    });

    it('closes as often as it is asked', async () => {
      await store('k:1', versioned(1));
      await layer.close();
      await layer.close();
    });
  });
}
