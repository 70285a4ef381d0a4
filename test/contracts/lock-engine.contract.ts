import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeldLock, LockClaim, LockEngine } from '../../libs/cache/src/core/locks/lock-engine.js';

/** A place with locks, as two processes see it. */
export interface LockPlace {
  readonly one: LockEngine;
  readonly other: LockEngine;
  /** Lets so much of its time pass. */
  readonly pass: (ms: number) => Promise<void>;
}

let count = 0;

/** What every place of locks does. */
export function lockEngineContract(open: () => Promise<LockPlace>): void {
  let place: LockPlace;
  let name: string;
  const owner = (id: string) => `${name}-${id}`.padEnd(32, '.');
  const claim = (id: string, more: Partial<LockClaim> = {}): LockClaim => ({
    name,
    owner: owner(id),
    ttl: 5_000,
    durability: 'local',
    whenUndurable: 'refuse',
    tokens: 1,
    above: 0n,
    queue: false,
    ...more,
  });
  const held = (id: string, ttl = 5_000): HeldLock => ({ name, owner: owner(id), ttl, durability: 'local' });
  /** A grant, or the test fails. */
  const granted = async (engine: LockEngine, asked: LockClaim) => {
    const answer = await engine.claim(asked);
    if (answer.kind !== 'granted') throw new Error(`busy for ${answer.freeIn} ms`);
    return answer;
  };
  const kindOf = async (engine: LockEngine, asked: LockClaim) => (await engine.claim(asked)).kind;

  beforeEach(async () => {
    place = await open();
    count += 1;
    name = `contract${count}`;
  });

  describe('a lock', () => {
    it('has one owner at a time', async () => {
      const { one, other } = place;
      expect(await kindOf(one, claim('a'))).toBe('granted');
      const busy = await other.claim(claim('b'));
      expect(busy.kind).toBe('busy');
      if (busy.kind === 'busy') expect(busy.freeIn).toBeGreaterThan(4_000);
      if (busy.kind === 'busy') expect(busy.freeIn).toBeLessThanOrEqual(5_000);
      await one.release(held('a'), 0n);
      expect(await kindOf(other, claim('b'))).toBe('granted');
      expect(await kindOf(one, claim('c'))).toBe('busy');
    });

    it('is of no concern to other names, however alike', async () => {
      const { one, other } = place;
      const names = [name, `${name}:x`, `${name},x`, `${name}%2Cx`, `${name} x`, `${name}/x;1`];
      for (const other of names) expect(await kindOf(one, claim('a', { name: other }))).toBe('granted');
      for (const again of names) expect(await kindOf(other, claim('b', { name: again }))).toBe('busy');
    });

    it('is granted to one of many who ask at once', async () => {
      const { one, other } = place;
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => (at % 2 === 0 ? one : other).claim(claim(`n${at}`))),
      );
      expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(1);
    });

    it('may be claimed again by its owner, whose answer was lost', async () => {
      const { one } = place;
      const first = await granted(one, claim('a'));
      const again = await granted(one, claim('a'));
      expect(again.token).toBeGreaterThan(first.token);
    });

    it('is free when its time is over', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a', { ttl: 300 }));
      await pass(310);
      expect(await kindOf(other, claim('b'))).toBe('granted');
    });

    it('is not given back by one who does not hold it', async () => {
      const { one, other } = place;
      await granted(one, claim('a'));
      await other.release(held('b'), 0n);
      expect(await kindOf(other, claim('b'))).toBe('busy');
    });
  });

  describe('tokens', () => {
    it('rise with every grant, whoever gets it and however the last one ended', async () => {
      const { one, other, pass } = place;
      const tokens: bigint[] = [];
      for (const [at, engine] of [one, other, other, one].entries()) {
        const { token } = await granted(engine, claim(`${at}`, { ttl: at === 1 ? 200 : 5_000 }));
        tokens.push(token);
        if (at === 1) await pass(210);
        else await engine.release(held(`${at}`), token);
      }
      expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
      expect(new Set(tokens).size).toBe(4);
    });

    it('are set aside by the block, above which the next begins', async () => {
      const { one, other, pass } = place;
      const { token, last } = await granted(one, claim('a', { tokens: 50_000_000, ttl: 300 }));
      expect(last - token).toBe(49_999_999n);
      await pass(310);
      expect((await granted(other, claim('b'))).token).toBeGreaterThan(last);
    });

    it('that nobody was given are free again', async () => {
      const { one, other } = place;
      const { token, last } = await granted(one, claim('a', { tokens: 60_000_000 }));
      await one.release(held('a'), token + 5n);
      const next = await granted(other, claim('b'));
      expect(next.token).toBeGreaterThan(token + 5n);
      expect(next.token).toBeLessThan(last);
    });

    it('are above what the caller has seen, and not below the time in µs', async () => {
      const { one } = place;
      const { token } = await granted(one, claim('a'));
      expect(Math.abs(Number(token) / 1_000 - Date.now())).toBeLessThan(60_000);
      await one.release(held('a'), token);
      const seen = token + 10_000_000_000n;
      expect((await granted(one, claim('b', { above: seen }))).token).toBe(seen + 1n);
    });
  });

  describe('more time', () => {
    it('is given to the owner', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a', { ttl: 400 }));
      await pass(200);
      expect(await one.extend(held('a', 5_000))).toMatchObject({ isWaitedFor: false });
      await pass(300);
      expect(await kindOf(other, claim('b'))).toBe('busy');
    });

    it('is given to nobody else, and to nobody after the end', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a', { ttl: 300 }));
      expect(await other.extend(held('b'))).toBeUndefined();
      await pass(310);
      expect(await one.extend(held('a'))).toBeUndefined();
      expect(await kindOf(other, claim('b'))).toBe('granted');
    });

    it('tells whether somebody waits', async () => {
      const { one, other } = place;
      await granted(one, claim('a'));
      await other.claim(claim('b'));
      expect(await one.extend(held('a'))).toMatchObject({ isWaitedFor: false });
      await other.claim(claim('b', { queue: true }));
      expect(await one.extend(held('a'))).toMatchObject({ isWaitedFor: true });
      await other.leave(name, owner('b'));
      expect(await one.extend(held('a'))).toMatchObject({ isWaitedFor: false });
    });
  });

  describe('the line', () => {
    const waits = (id: string) => claim(id, { queue: true });

    it('is kept in the order in which they came', async () => {
      const { one, other } = place;
      let holder = 'a';
      await granted(one, claim('a'));
      const line = ['b', 'c', 'd', 'e'];
      for (const id of line) expect(await kindOf(other, waits(id))).toBe('busy');
      for (const next of line) {
        await one.release(held(holder), 0n);
        for (const id of line.toReversed()) {
          if (id > next) expect(await kindOf(other, waits(id))).toBe('busy');
        }
        expect(await kindOf(one, claim('passer-by'))).toBe('busy');
        expect(await kindOf(other, waits(next))).toBe('granted');
        holder = next;
      }
    });

    it('is told when it is its turn, and nobody else is', async () => {
      const { one, other } = place;
      const heard: string[] = [];
      one.onFree((free) => heard.push(`one ${free}`));
      other.onFree((free) => heard.push(`other ${free}`));
      await granted(one, claim('a'));
      await other.claim(waits('b'));
      // What is told while it subscribes is about the past.
      await sleep(150);
      heard.length = 0;
      await one.release(held('a'), 0n);
      await expect.poll(() => heard).toContain(`other ${name}`);
      expect(await kindOf(other, waits('b'))).toBe('granted');
    });

    it('is left by one who goes, also when it was their turn', async () => {
      const { one, other } = place;
      await granted(one, claim('a'));
      for (const id of ['b', 'c', 'd']) await other.claim(waits(id));
      await other.leave(name, owner('c'));
      await one.release(held('a'), 0n);
      await other.leave(name, owner('b'));
      expect(await kindOf(other, waits('c'))).toBe('busy');
      expect(await kindOf(other, waits('d'))).toBe('granted');
    });

    it('goes on within a second when the one whose turn it is does not come', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a'));
      await other.claim(waits('dead'));
      await one.claim(waits('b'));
      await one.release(held('a'), 0n);
      const busy = await one.claim(waits('b'));
      if (busy.kind !== 'busy') throw new Error('the dead one was passed over at once');
      expect(busy.freeIn).toBeLessThanOrEqual(800);
      await pass(busy.freeIn + 5);
      expect(await kindOf(one, waits('b'))).toBe('granted');
    });

    it('goes on when the holder has died', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a', { ttl: 300 }));
      await other.claim(waits('b'));
      await one.claim(waits('c'));
      await pass(310);
      expect(await kindOf(one, waits('c'))).toBe('busy');
      expect(await kindOf(other, waits('b'))).toBe('granted');
    });

    it('forgets who has not asked again', async () => {
      const { one, other, pass } = place;
      await granted(one, claim('a'));
      await other.claim(waits('dead'));
      await pass(3_010);
      expect(await one.extend(held('a'))).toMatchObject({ isWaitedFor: false });
      await one.release(held('a'), 0n);
      expect(await kindOf(one, claim('b'))).toBe('granted');
    });
  });
}
