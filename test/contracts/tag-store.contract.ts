import { beforeEach, describe, expect, it } from 'vitest';
import type { MaybePromise } from '../../libs/cache/src/core/layers/layer.js';
import type { TagStore } from '../../libs/cache/src/core/tags/tag-store.js';

export interface TagStoreSubject {
  readonly name: string;
  /** A store with a fresh cache, which remembers this many tags, each for so long, ms. */
  readonly open: (options?: { limit?: number; lifetime?: number }) => MaybePromise<TagStore>;
  /** A name that no other test uses. */
  readonly newCache: () => string;
  readonly pass: (ms: number) => MaybePromise<void>;
}

/** What every place owes that counts invalidations of tags. */
export function tagStoreContract({ name, open, newCache, pass }: TagStoreSubject): void {
  describe(`the contract of a tag store: ${name}`, () => {
    let store: TagStore;
    let cache: string;
    beforeEach(async () => {
      store = await open();
      cache = newCache();
    });
    const bump = (tags: readonly string[], mode: 'delete' | 'expire' = 'delete', seen = 0) =>
      store.bump(cache, { tags, mode, seen });
    const look = (tag: string, seen = 0) => store.look(cache, tag, seen);

    it('knows of a tag nothing that nobody did, and counts for the whole cache', async () => {
      const before = await look('a');
      expect(before).toMatchObject({ expired: 0, deleted: 0 });
      const number = await bump(['b']);
      expect(number).toBeGreaterThan(before.generation);
      expect(await look('a')).toEqual({ ...before, generation: number });
    });

    it('remembers for each tag its last expiry and its last deletion', async () => {
      const [first, second] = [await bump(['a', 'b'], 'expire'), await bump(['a'])];
      expect(second).toBeGreaterThan(first);
      expect(await look('a')).toMatchObject({ generation: second, expired: first, deleted: second });
      expect(await look('b')).toMatchObject({ generation: second, expired: first, deleted: 0 });
      const third = await bump(['a'], 'expire');
      expect(await look('a')).toMatchObject({ expired: third, deleted: second });
    });

    it('raises the floor for a whole cache, and for no other', async () => {
      const floor = await bump([]);
      expect(await look('a')).toEqual({ generation: floor, floor, expired: 0, deleted: 0 });
      expect((await store.look(newCache(), 'a', 0)).generation).not.toBe(floor);
    });

    it('gives a number above the highest that the caller has seen', async () => {
      const number = await bump(['a']);
      expect(await bump(['a'], 'delete', number + 500)).toBeGreaterThan(number + 500);
    });

    it('gives every one of many at once a number of its own', async () => {
      const numbers = await Promise.all(Array.from({ length: 50 }, async (_, n) => bump([`t${n}`])));
      expect(new Set(numbers).size).toBe(50);
      expect((await look('t7')).deleted).toBe(numbers[7]);
    });

    it('forgets tags only by raising the floor to them: beyond so many', async () => {
      store = await open({ limit: 10 });
      const first = await bump(['first']);
      let last = 0;
      for (let n = 0; n < 60; n += 1) last = await bump([`t${n}`]);
      const { floor, deleted } = await look('first');
      expect(Math.max(floor, deleted)).toBeGreaterThanOrEqual(first);
      expect(floor).toBeGreaterThan(0);
      expect(await look('t59')).toMatchObject({ deleted: last });
      expect(floor).toBeLessThanOrEqual(last);
    });

    it('forgets what no entry can be as old as', async () => {
      store = await open({ lifetime: 50 });
      const first = await bump(['first']);
      await pass(100);
      for (let n = 0; n < 20; n += 1) await bump(['other']);
      const { floor, deleted } = await look('first');
      expect([floor >= first, deleted]).toEqual([true, 0]);
    });
  });
}
