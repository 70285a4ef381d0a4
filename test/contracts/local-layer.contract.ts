import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryHeader } from '../../libs/cache/src/core/entry/entry.js';
import type { HotLayer } from '../../libs/cache/src/core/layers/doubts.js';
import { entryOf } from '../support/core.js';
import type { Opened, Subject } from './subject.js';

/** What a layer in this process's memory owes besides. */
export function localLayerContract({ name, open, tick }: Subject<HotLayer>): void {
  describe(`the contract of a local layer: ${name}`, () => {
    let opened: Opened<HotLayer>;
    let layer: HotLayer;

    beforeEach(async () => {
      opened = await open();
      layer = opened.layer;
    });

    afterEach(async () => {
      layer.close();
      await opened.dispose?.();
    });

    const store = (value: unknown, header: Partial<EntryHeader> = {}) => {
      const now = opened.now();
      return layer.store(
        'k:1',
        entryOf(value, now, { freshUntil: now + tick, staleUntil: now + 3 * tick, ...header }),
        'load',
      );
    };

    it('answers every verb at once', () => {
      expect(store('x')).toBe('stored');
      expect(layer.read('k:1')).toMatchObject({ kind: 'value', value: 'x' });
      expect([layer.expire('k:1'), layer.remove('k:1'), layer.close()]).toEqual([undefined, undefined, undefined]);
    });

    it('knows nothing of a key that nobody stored', () => {
      expect([layer.hit('k:1'), layer.peek('k:1')]).toEqual([undefined, undefined]);
    });

    it.each([null, false, 0, '', { id: 1 }])('hits a fresh %j as a promise, and peeks at it', async (value) => {
      store(value);
      expect(layer.hit('k:1')).toBeInstanceOf(Promise);
      await expect(layer.hit('k:1')).resolves.toEqual(value);
      expect(layer.peek('k:1')).toEqual({ value, shareable: true });
    });

    it('says once that a fresh value is due to be loaded anew, and sends who hits it there', async () => {
      const now = opened.now();
      const times = { freshUntil: now + 1_000 * tick, staleUntil: now + 1_000 * tick };
      layer.store('k:1', { ...entryOf('x', now, times), refreshAt: now - 1 }, 'load');
      expect([layer.hit('k:1'), layer.peek('k:1')?.value]).toEqual([undefined, 'x']);
      expect([layer.takeDue('k:1'), layer.takeDue('k:1')]).toEqual([true, false]);
      await expect(layer.hit('k:1')).resolves.toBe('x');
    });

    it('knows of nothing due in what is not there, is not to be, is over or was made stale', () => {
      const now = opened.now();
      const times = { freshUntil: now + 1_000 * tick, staleUntil: now + 2_000 * tick };
      layer.store('k:2', entryOf('x', now, times), 'load');
      layer.store('k:3', { ...entryOf('x', now, times), refreshAt: now + 500 * tick }, 'load');
      layer.store('k:4', { ...entryOf('x', now, times), refreshAt: now - 1 }, 'load');
      layer.expire('k:4');
      layer.store('k:5', { ...entryOf('x', now, { ...times, freshUntil: now - 1 }), refreshAt: now - 2 }, 'load');
      expect(['k:1', 'k:2', 'k:3', 'k:4', 'k:5'].filter((key) => layer.takeDue(key))).toEqual([]);
    });

    it('hits with the kept value itself, which cannot be changed', async () => {
      store({ list: [1] });
      const hit = (await layer.hit('k:1')) as { list: number[] };
      expect(hit).toBe(layer.peek('k:1')?.value);
      expect(() => hit.list.push(2)).toThrow(TypeError);
    });

    it('hits with a copy of what cannot be frozen, and says so to who peeks', async () => {
      store({ at: new Date(5) });
      const hit = (await layer.hit('k:1')) as { at: Date };
      hit.at.setTime(6);
      await expect(layer.hit('k:1')).resolves.toEqual({ at: new Date(5) });
      expect(layer.peek('k:1')).toEqual({ value: { at: new Date(5) }, shareable: false });
    });

    it('neither hits nor peeks at what is no longer fresh', async () => {
      store('x');
      await opened.pass(tick);
      expect([layer.hit('k:1'), layer.peek('k:1')]).toEqual([undefined, undefined]);
      expect(layer.read('k:1')?.kind).toBe('value');
    });

    it.each(['expire', 'remove', 'forget', 'close'] as const)('neither hits nor peeks, at once, after %s', (verb) => {
      store('x', { freshUntil: Number.POSITIVE_INFINITY, staleUntil: Number.POSITIVE_INFINITY });
      void layer.hit('k:1');
      layer[verb]('k:1');
      expect([layer.hit('k:1'), layer.peek('k:1')]).toEqual([undefined, undefined]);
    });

    it('hits with the new value as soon as it is stored', async () => {
      store('old');
      const before = layer.hit('k:1');
      store('new', { version: { source: undefined, assigned: 2 } });
      await expect(layer.hit('k:1')).resolves.toBe('new');
      await expect(before).resolves.toBe('old');
    });

    it.each([
      ['a value', () => void store('x', { version: { source: 5n, assigned: 5 } })],
      [
        'a tombstone',
        () => {
          store('x', { version: { source: 5n, assigned: 5 } });
          layer.remove('k:1');
        },
      ],
      ['nothing', () => undefined],
    ])('forgets %s and its version: whatever comes is taken', async (_, begin) => {
      begin();
      void layer.hit('k:1');
      layer.forget('k:1');
      expect([layer.read('k:1'), layer.hit('k:1'), layer.peek('k:1')]).toEqual([undefined, undefined, undefined]);
      expect(store('older', { version: { source: 4n, assigned: 4 } })).toBe('stored');
      await expect(layer.hit('k:1')).resolves.toBe('older');
    });

    it('forgets one key and no other', () => {
      store('x');
      layer.forget('k:10');
      expect(layer.peek('k:1')?.value).toBe('x');
    });

    it('forgets every key, and works on', async () => {
      store('x', { version: { source: undefined, assigned: 9 } });
      layer.store('k:2', entryOf('y', opened.now()), 'load');
      layer.remove('k:2');
      layer.forget();
      expect([layer.read('k:1'), layer.read('k:2'), layer.hit('k:1')]).toEqual([undefined, undefined, undefined]);
      expect(store('again', { version: { source: undefined, assigned: 1 } })).toBe('stored');
      await expect(layer.hit('k:1')).resolves.toBe('again');
      layer.forget();
      layer.forget();
      expect(layer.peek('k:1')).toBeUndefined();
    });

    describe('no longer fresh', () => {
      const stale = () => layer.stale('k:1')?.value;

      it('is of use until it is over', async () => {
        expect(stale()).toBeUndefined();
        store('x');
        expect(stale()).toBeUndefined();
        await opened.pass(tick);
        expect(stale()).toBe('x');
        await opened.pass(2 * tick);
        expect(stale()).toBeUndefined();
      });

      it('is of use after an expire, and says so', () => {
        store('x');
        layer.expire('k:1');
        expect(layer.stale('k:1')).toMatchObject({ value: 'x', freshUntil: 0 });
      });

      it('was made so elsewhere', () => {
        store('x', { freshUntil: 0 });
        expect(layer.stale('k:1')).toMatchObject({ value: 'x', freshUntil: 0 });
      });

      it.each(['remove', 'forget', 'doubt', 'suspend'] as const)('is of no use after %s', async (verb) => {
        store('x');
        await opened.pass(tick);
        layer[verb]('k:1');
        expect(stale()).toBeUndefined();
      });
    });

    describe('in doubt', () => {
      const VERSION = { source: 5n, assigned: 5 };
      const served = () => [layer.hit('k:1') === undefined, layer.peek('k:1')?.value];

      it('serves nothing that it had, and all that comes after', async () => {
        store('old', { version: VERSION });
        layer.doubt();
        expect(served()).toEqual([true, undefined]);
        expect(layer.doubted('k:1')).toMatchObject({ kind: 'value', value: 'old', version: VERSION });
        store('new', { version: { source: 6n, assigned: 6 } });
        expect(served()).toEqual([false, 'new']);
        expect(layer.doubted('k:1')).toBeUndefined();
      });

      it('serves again what is confirmed, and that alone', async () => {
        store('x', { version: VERSION });
        layer.store('k:2', entryOf('y', opened.now(), { version: VERSION }), 'load');
        layer.doubt();
        layer.confirm('k:1', VERSION);
        expect(served()).toEqual([false, 'x']);
        expect([layer.peek('k:2'), layer.doubted('k:2')?.value]).toEqual([undefined, 'y']);
        layer.doubt();
        expect(served()).toEqual([true, undefined]);
      });

      it('can be a single one, again and again, until it is confirmed or replaced', () => {
        store('x', { version: VERSION });
        layer.store('k:2', entryOf('y', opened.now(), { version: VERSION }), 'load');
        layer.doubt('k:1');
        layer.doubt('k:nobody');
        expect([served(), layer.peek('k:2')?.value]).toEqual([[true, undefined], 'y']);
        expect([layer.doubted('k:1')?.value, layer.doubted('k:2')]).toEqual(['x', undefined]);
        layer.doubt();
        expect([served(), layer.peek('k:2')]).toEqual([[true, undefined], undefined]);
        layer.confirm('k:1', VERSION);
        expect(served()).toEqual([false, 'x']);
        layer.doubt('k:1');
        expect(served()).toEqual([true, undefined]);
        store('new', { version: { source: 6n, assigned: 6 } });
        expect(served()).toEqual([false, 'new']);
      });

      it.each([
        { source: 5n, assigned: 6 },
        { source: 4n, assigned: 5 },
        { source: undefined, assigned: 5 },
      ])('serves nothing for the confirmation of another version, %o', (version) => {
        store('x', { version: VERSION });
        layer.doubt();
        layer.confirm('k:1', version);
        expect(served()).toEqual([true, undefined]);
        expect(() => layer.confirm('k:nobody', version)).not.toThrow();
      });

      it('doubts neither what it serves, nor what is over, nor what is gone', async () => {
        store('x');
        expect([layer.doubted('k:1'), layer.doubted('k:2')]).toEqual([undefined, undefined]);
        layer.doubt();
        layer.remove('k:1');
        expect(layer.doubted('k:1')).toBeUndefined();
        layer.forget('k:1');
        store('y');
        layer.doubt();
        await opened.pass(tick);
        expect(layer.doubted('k:1')).toBeUndefined();
      });

      it('keeps the end of what it confirms', async () => {
        store('x', { version: VERSION });
        layer.doubt();
        layer.confirm('k:1', VERSION);
        await opened.pass(tick);
        expect(served()).toEqual([true, undefined]);
      });

      it('serves nothing at all while suspended, whatever is stored or confirmed, until it doubts', () => {
        store('x', { version: VERSION });
        layer.suspend();
        expect(served()).toEqual([true, undefined]);
        expect(layer.doubted('k:1')?.value).toBe('x');
        layer.confirm('k:1', VERSION);
        expect(served()).toEqual([true, undefined]);
        layer.doubt();
        expect(served()).toEqual([true, undefined]);
        layer.confirm('k:1', VERSION);
        expect(served()).toEqual([false, 'x']);
      });
    });

    it('does not hit with what it refused', async () => {
      store('new', { version: { source: undefined, assigned: 2 } });
      store('old');
      await expect(layer.hit('k:1')).resolves.toBe('new');
    });
  });
}
