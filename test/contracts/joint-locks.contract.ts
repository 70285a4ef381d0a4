import { beforeEach, describe, expect, it } from 'vitest';
import type { HeldLock, LockClaim, LockEngine } from '../../libs/cache/src/core/locks/lock-engine.js';
import { locksOver } from '../support/locks.js';
import type { LockPlace } from './lock-engine.contract.js';

let count = 0;

/** What every place does that keeps several names together: here names with one hash tag. */
export function jointLocksContract(open: () => Promise<LockPlace>): void {
  let place: LockPlace;
  let tag: string;
  const nameOf = (part: string): string => `{${tag}}:${part}`;
  const ownerOf = (id: string) => `${tag}-${id}`.padEnd(32, '.');
  const claim = (part: string, id: string, more: Partial<LockClaim> = {}): LockClaim => ({
    name: nameOf(part),
    owner: ownerOf(id),
    ttl: 5_000,
    durability: 'local',
    whenUndurable: 'refuse',
    tokens: 1,
    above: 0n,
    queue: false,
    ...more,
  });
  const all = (engine: LockEngine, parts: string, id: string, more: Partial<LockClaim> = {}) =>
    engine.claimAll(Array.from(parts, (part) => claim(part, id, more)));
  const held = (part: string, id: string): HeldLock => ({
    name: nameOf(part),
    owner: ownerOf(id),
    ttl: 5_000,
    durability: 'local',
  });
  const kindOf = async (engine: LockEngine, asked: LockClaim) => (await engine.claim(asked)).kind;

  beforeEach(async () => {
    place = await open();
    count += 1;
    tag = `joint${count}`;
  });

  describe('several names', () => {
    it('are granted together, each with a token above that of every holder before', async () => {
      const { one, other } = place;
      const before = await one.claim(claim('b', 'a', { tokens: 50_000_000 }));
      if (before.kind !== 'granted') throw new Error('busy');
      await one.release(held('b', 'a'), before.last);
      const answer = await other.claimAll([claim('a', 'b', { tokens: 5 }), claim('b', 'b'), claim('c', 'b')]);
      if (answer.kind !== 'granted') throw new Error(answer.kind);
      const [a, b, c] = answer.grants;
      expect(answer.grants).toHaveLength(3);
      expect((a?.last ?? 0n) - (a?.token ?? 0n)).toBe(4n);
      expect(b?.token).toBeGreaterThan(before.last);
      expect(c?.token).toBeGreaterThan(0n);
      for (const part of 'abc') expect(await kindOf(one, claim(part, 'c'))).toBe('busy');
      for (const part of 'abc') expect(await other.extend(held(part, 'b'))).toMatchObject({ isWaitedFor: false });
    });

    it('are all left as they are when some are busy, and those are named', async () => {
      const { one, other } = place;
      for (const part of 'bd') await one.claim(claim(part, 'a'));
      expect(await all(other, 'abcd', 'b')).toEqual({ kind: 'busy', names: [nameOf('b'), nameOf('d')] });
      for (const part of 'ac') expect(await kindOf(one, claim(part, 'a'))).toBe('granted');
      expect(await one.extend(held('b', 'a'))).toMatchObject({ isWaitedFor: false });
    });

    it('are never seen partly taken', async () => {
      const { one, other } = place;
      const both = async (engine: LockEngine, id: string) => (await all(engine, 'abcd', id)).kind === 'granted';
      const rounds = Array.from({ length: 40 }, (_, at) => both(at % 2 === 0 ? one : other, `n${at}`));
      const won = (await Promise.all(rounds)).flatMap((isWon, at) => (isWon ? [at] : []));
      expect(won).toHaveLength(1);
      // All four are that one's.
      const extended = await Promise.all(Array.from('abcd', (part) => one.extend(held(part, `n${won[0]}`))));
      expect(extended.every((extension) => extension !== undefined)).toBe(true);
    });

    it('may be claimed again by their owner, whose answer was lost', async () => {
      const { one } = place;
      await all(one, 'ab', 'a');
      expect(await all(one, 'ab', 'a')).toMatchObject({ kind: 'granted' });
      expect(await all(one, 'bc', 'a')).toMatchObject({ kind: 'granted' });
    });

    it('are free when their time is over', async () => {
      const { one, other, pass } = place;
      await all(one, 'ab', 'a', { ttl: 300 });
      await pass(310);
      expect(await all(other, 'ab', 'b')).toMatchObject({ kind: 'granted' });
    });

    it('are not taken from those who stand in line, and whoever does not come is passed over', async () => {
      const { one, other, pass } = place;
      await one.claim(claim('b', 'a'));
      await other.claim(claim('b', 'b', { queue: true }));
      await one.release(held('b', 'a'), 0n);
      expect(await all(one, 'ab', 'c')).toEqual({ kind: 'busy', names: [nameOf('b')] });
      expect(await kindOf(one, claim('a', 'd', { ttl: 200 }))).toBe('granted');
      await pass(810);
      expect(await all(one, 'ab', 'c')).toMatchObject({ kind: 'granted' });
    });

    it('tell the next in line when they are given back', async () => {
      const { one, other } = place;
      await all(one, 'ab', 'a');
      const heard: string[] = [];
      other.onFree((name) => heard.push(name));
      await other.claim(claim('b', 'b', { queue: true }));
      await one.release(held('b', 'a'), 0n);
      await expect.poll(() => heard).toContain(nameOf('b'));
      expect(await kindOf(other, claim('b', 'b'))).toBe('granted');
    });
  });

  it('lets no two wait for each other for ever, however many want what names', { timeout: 30_000 }, async () => {
    const { one, other } = place;
    const [first, second] = [locksOver(one), locksOver(other)];
    const inside = new Map<string, number>();
    const sets = ['ab', 'ba', 'bc', 'ca', 'acb', 'b', 'c'];
    let ran = 0;
    const enter = (parts: string) => async () => {
      for (const part of parts) {
        expect(inside.get(part) ?? 0).toBe(0);
        inside.set(part, 1);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
      for (const part of parts) inside.set(part, 0);
      ran += 1;
    };
    const runs = Array.from({ length: 56 }, (_, at) => {
      const parts = sets[at % sets.length] ?? 'a';
      return (at % 2 === 0 ? first : second).runAll(Array.from(parts, nameOf), enter(parts), {
        wait: 25_000,
        durability: 'local',
      });
    });
    await Promise.all(runs);
    expect(ran).toBe(56);
  });
}
