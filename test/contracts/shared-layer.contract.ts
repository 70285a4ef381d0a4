import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryHeader } from '../../libs/cache/src/core/entry/entry.js';
import type { Headers } from '../../libs/cache/src/core/layers/doubts.js';
import { TOMBSTONE_MS, type Layer } from '../../libs/cache/src/core/layers/layer.js';
import { entryOf } from '../support/core.js';
import type { Opened, Subject } from './subject.js';

/** A change as other processes hear of it. */
export interface Told {
  readonly kind: string;
  readonly key: string;
  readonly assigned: number;
}

export interface SharedOpened extends Opened<Layer> {
  readonly headers: Headers;
  /** What was told since the layer was opened, once so many changes were. */
  told(count: number): Promise<readonly Told[]>;
}

export interface SharedSubject extends Subject {
  readonly open: () => Promise<SharedOpened>;
}

/** What a layer that other processes write owes besides. */
export function sharedLayerContract({ name, open, tick }: SharedSubject): void {
  describe(`the contract of a shared layer: ${name}`, () => {
    let opened: SharedOpened;
    let layer: Layer;

    beforeEach(async () => {
      opened = await open();
      layer = opened.layer;
    });

    afterEach(() => layer.close());

    const entry = (value: string, assigned: number, header: Partial<EntryHeader> = {}) => {
      const now = opened.now();
      const times = { freshUntil: now + 60_000, staleUntil: now + 90_000 };
      return entryOf(value, now, { ...times, version: { source: undefined, assigned }, ...header });
    };
    const sourced = (value: string, assigned: number, source: bigint) =>
      entry(value, assigned, { version: { source, assigned } });
    /** The assigned version of what begins now: the next moment is above, the last one below. */
    const begun = async (): Promise<number> => {
      await opened.pass(2);
      const assigned = opened.now() * 1_000;
      await opened.pass(2);
      return assigned;
    };
    const version = async () => (await layer.read('k:1'))?.version;
    const value = async () => {
      const found = await layer.read('k:1');
      return found?.kind === 'value' && found.freshUntil > opened.now() ? found.value : undefined;
    };

    it('says what it knows of a value without the value', async () => {
      const header = () => opened.headers.header('k:1');
      expect(await header()).toBeUndefined();
      const kept = sourced('x'.repeat(10_000), 7, 3n);
      await layer.store('k:1', kept, 'load');
      const known = await header();
      expect(known?.version).toEqual({ source: 3n, assigned: 7 });
      expect(known?.freshUntil).toBe(Math.floor(kept.freshUntil));
      await layer.expire('k:1');
      const stale = await header();
      expect(stale?.freshUntil).toBe(0);
      expect(stale?.version.assigned).toBeGreaterThan(7);
      await layer.remove('k:1');
      expect(await header()).toBeUndefined();
    });

    describe.each(['remove', 'expire'] as const)('%s', (verb) => {
      const before = [
        ['a value', async () => void (await layer.store('k:1', entry('old', 1), 'load'))],
        ['nothing', () => Promise.resolve()],
        ['a tombstone', async () => layer.remove('k:1')],
        ['what is no longer fresh', async () => layer.expire('k:1')],
      ] as const;

      it.each(before)(
        'of %s refuses the load that began before, and takes the one that began after',
        async (_, make) => {
          await make();
          const early = await begun();
          await layer[verb]('k:1');
          const late = await begun();
          expect(await layer.store('k:1', entry('early', early), 'load')).toBe('older');
          expect(await value()).toBeUndefined();
          expect(await layer.store('k:1', entry('late', late), 'load')).toBe('stored');
          expect(await layer.store('k:1', entry('early', early), 'load')).toBe('older');
          expect(await value()).toBe('late');
        },
      );

      it.each([7n, 8n])('refuses the load that began before also where its source version is %d', async (source) => {
        await layer.store('k:1', sourced('old', 1, 7n), 'load');
        const early = await begun();
        await layer[verb]('k:1');
        expect(await layer.store('k:1', sourced('early', early, source), 'load')).toBe('older');
        expect(await value()).toBeUndefined();
        expect(await layer.store('k:1', sourced('late', await begun(), source), 'load')).toBe('stored');
      });

      it('raises the assigned version each time, above what is there and to this moment at least', async () => {
        const ahead = (opened.now() + 600_000) * 1_000;
        await layer.store('k:1', entry('x', ahead), 'load');
        await layer[verb]('k:1');
        expect(await version()).toEqual({ source: undefined, assigned: ahead + 1 });
        await layer[verb]('k:1');
        expect((await version())?.assigned).toBe(ahead + 2);
        await layer[verb]('k:2');
        const now = opened.now() * 1_000;
        const other = (await layer.read('k:2'))?.version.assigned ?? 0;
        expect(Math.abs(other - now)).toBeLessThan(5_000_000);
      });

      it('is remembered for a minute, counted from the last time', async () => {
        const short = { freshUntil: opened.now() + tick, staleUntil: opened.now() + tick };
        await layer.store('k:1', entry('short', 1, short), 'load');
        const early = await begun();
        await layer[verb]('k:1');
        const first = (await layer.read('k:1'))?.staleUntil ?? 0;
        await opened.pass(tick);
        expect(await value()).toBeUndefined();
        expect(await layer.store('k:1', entry('early', early), 'load')).toBe('older');
        await layer.remove('k:1');
        const left = (await layer.read('k:1'))?.staleUntil ?? 0;
        expect(left - opened.now()).toBeGreaterThan(TOMBSTONE_MS - 1_000);
        expect(left).toBeGreaterThan(first);
      });

      it('is told, with the version that now stands', async () => {
        await layer.store('k:1', entry('x', 1), 'load');
        await layer[verb]('k:1');
        await layer[verb]('k:2');
        // Nodes tell each by itself.
        const told = (await opened.told(2)).toSorted((one, other) => one.key.localeCompare(other.key));
        const kind = verb === 'remove' ? 'delete' : 'expire';
        expect(told.map((one) => [one.kind, one.key])).toEqual([
          [kind, 'k:1'],
          [kind, 'k:2'],
        ]);
        expect(told[0]?.assigned).toBe((await version())?.assigned);
      });
    });

    describe('a write', () => {
      it('is refused by what is newer, like a load: it may have been on its way for long', async () => {
        await layer.store('k:1', entry('newer', 9), 'load');
        expect(await layer.store('k:1', entry('late', 8), 'write')).toBe('older');
        expect(await layer.store('k:1', entry('newest', 10), 'write')).toBe('stored');
        expect([await value(), (await version())?.assigned]).toEqual(['newest', 10]);
        await layer.remove('k:1');
        expect(await layer.store('k:1', entry('late', 11), 'write')).toBe('older');
        expect((await opened.told(2)).map(({ kind }) => kind)).toEqual(['set', 'delete']);
      });

      it('refuses the load that began before it, also where nothing was', async () => {
        const early = await begun();
        expect(await layer.store('k:1', entry('written', await begun()), 'write')).toBe('stored');
        expect(await layer.store('k:1', entry('early', early), 'load')).toBe('older');
        expect(await value()).toBe('written');
      });

      it('is refused where its source version is older, and then nobody is told', async () => {
        await layer.store('k:1', sourced('kept', 5, 8n), 'load');
        expect(await layer.store('k:1', sourced('old', await begun(), 7n), 'write')).toBe('older');
        expect(await value()).toBe('kept');
        expect(await layer.store('k:1', sourced('same', 1, 8n), 'write')).toBe('stored');
        expect(await layer.store('k:1', entry('without', 5), 'write')).toBe('stored');
        expect((await opened.told(2)).map(({ kind }) => kind)).toEqual(['set', 'set']);
      });

      it('is told, with the version that now stands', async () => {
        await layer.store('k:1', entry('x', 1), 'write');
        expect(await opened.told(1)).toEqual([{ kind: 'set', key: 'k:1', assigned: (await version())?.assigned }]);
      });
    });

    describe('a load', () => {
      it.each([false, true])('that began later stays, whichever comes first (swapped: %s)', async (swapped) => {
        const first = await begun();
        const second = await begun();
        const stores = [
          () => layer.store('k:1', entry('first', first), 'load'),
          () => layer.store('k:1', entry('second', second), 'load'),
        ];
        if (swapped) stores.reverse();
        for (const store of stores) await store();
        expect(await value()).toBe('second');
      });

      it('with the higher source version stays, though it began earlier; the assigned version does not fall', async () => {
        const early = await begun();
        const late = await begun();
        await layer.store('k:1', sourced('seven', late, 7n), 'load');
        expect(await layer.store('k:1', sourced('eight', early, 8n), 'load')).toBe('stored');
        expect(await layer.store('k:1', sourced('seven', await begun(), 7n), 'load')).toBe('older');
        expect([await value(), (await version())?.assigned]).toEqual(['eight', late]);
      });

      it('that says it began in the far future is not believed, nor is a write', async () => {
        const far = (opened.now() + 7_200_000) * 1_000;
        expect(await layer.store('k:1', entry('x', far), 'load')).toBe('older');
        expect(await layer.store('k:1', entry('x', far), 'write')).toBe('older');
        expect(await layer.read('k:1')).toBeUndefined();
      });

      it('is not told', async () => {
        await layer.store('k:1', entry('loaded', 1), 'load');
        await layer.store('k:2', entry('written', 1), 'write');
        expect((await opened.told(1)).map(({ key }) => key)).toEqual(['k:2']);
      });
    });

    it('takes changes of one tick in the order asked, whatever they are', async () => {
      await Promise.all([
        layer.store('k:1', entry('written', 1), 'write'),
        layer.remove('k:1'),
        layer.store('k:2', entry('x', 1), 'write'),
        layer.expire('k:2'),
        layer.store('k:3', entry('a', 1), 'write'),
        layer.store('k:3', entry('b', 1), 'write'),
        layer.store('k:3', entry('older', 0), 'load'),
      ]);
      expect((await layer.read('k:1'))?.kind).toBe('tombstone');
      expect((await layer.read('k:2'))?.freshUntil).toBeLessThanOrEqual(opened.now() + 1);
      expect(await layer.read('k:3')).toMatchObject({ value: 'b' });
    });
  });
}
