import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { locksOver } from '../../../../../test/support/locks.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import { LockNotReplicatedError } from '../errors.js';
import type { CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import type { LockClaim, LockEngine } from './lock-engine.js';
import { ASK_AGAIN_MS, OFFER_MS, PLACE_MS } from './line-times.js';

/** This process's locks over a place in memory that others use too, and over which answers and messages may be lost. */
function start(instead: (place: Pick<LockEngine, 'claim' | 'release'>) => Partial<LockEngine> = () => ({})) {
  const clock = new FakeClock();
  const engine = new MemoryLockEngine(clock);
  /** As others see it. */
  const place = { claim: engine.claim.bind(engine), release: engine.release.bind(engine) };
  Object.assign(engine, instead(place));
  const claims: LockClaim[] = [];
  const asked = engine.claim.bind(engine);
  engine.claim = (claim) => {
    claims.push(claim);
    return asked(claim);
  };
  const events = new EventHub();
  const told: CacheEvent[] = [];
  events.on('lock-lost', (event) => told.push(event));
  const locks = locksOver(engine, { clock, events });
  /** Lets time pass, and what waits for it go on. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(50, left));
      await settle();
    }
  };
  return { clock, place, locks, claims, told, pass };
}

/** Another process. */
const claimOf = (owner: string): LockClaim => ({
  name: 'a',
  owner,
  ttl: 60_000,
  durability: 'local',
  whenUndurable: 'refuse',
  tokens: 1,
  above: 0n,
  queue: true,
});
const heldBy = (owner: string) => ({ name: 'a', owner, ttl: 60_000, durability: 'local' }) as const;

describe('a place in line', () => {
  it('outlasts a wake-up call that is lost', async () => {
    const { place, locks, pass } = start(() => ({ onFree: () => () => undefined }));
    await place.claim(claimOf('holder'));
    let lock: unknown;
    void locks.acquire('a', { wait: 10_000 }).then((one) => (lock = one));
    await settle();
    await place.claim(claimOf('behind'));
    await place.release(heldBy('holder'), 0n);
    await pass(OFFER_MS + 1);
    expect(await place.claim(claimOf('behind'))).toMatchObject({ kind: 'busy' });
    expect(lock).toBeDefined();
  });

  it('is asked for twice before an offer ends, and more often before the place does', () => {
    expect(2 * ASK_AGAIN_MS).toBeLessThanOrEqual(OFFER_MS);
    expect(2 * OFFER_MS).toBeLessThan(PLACE_MS);
  });

  it.each(['done', 'not done'])('outlasts an answer that is lost; what it was for was %s', async (what) => {
    const lose = { next: false };
    const { place, locks, pass } = start((real) => ({
      claim: async (claim) => {
        if (!lose.next) return real.claim(claim);
        lose.next = false;
        if (what === 'done') await real.claim(claim);
        throw new Error('the connection was lost');
      },
    }));
    await place.claim(claimOf('holder'));
    let lock: unknown;
    void locks.acquire('a', { wait: 10_000 }).then((one) => (lock = one));
    await settle();
    await place.claim(claimOf('behind'));
    lose.next = true;
    await pass(ASK_AGAIN_MS + 50);
    await place.release(heldBy('holder'), 0n);
    expect(await place.claim(claimOf('behind'))).toMatchObject({ kind: 'busy' });
    await pass(200);
    expect(lock).toBeDefined();
  });

  it('is given up, and what may have been granted given back, when nobody waits any more', async () => {
    const { place, locks, pass } = start((real) => ({
      claim: async (claim) => {
        await real.claim(claim);
        throw new Error('the connection was lost');
      },
    }));
    await expect(locks.acquire('a', { wait: 0 })).rejects.toThrow('the connection was lost');
    expect(await place.claim(claimOf('other'))).toMatchObject({ kind: 'granted' });
    await place.release(heldBy('other'), 0n);
    const waiting = locks.acquire('a', { wait: 300 });
    waiting.catch(() => undefined);
    await settle();
    await pass(500);
    await expect(waiting).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await place.claim(claimOf('other'))).toMatchObject({ kind: 'granted' });
  });

  it('is asked for as somebody else after a grant that was taken back', async () => {
    const { locks, claims, pass } = start(() => ({
      claim: () => Promise.reject(new LockNotReplicatedError('too few')),
    }));
    const terms = { wait: 300, durability: 'local' } as const;
    const waiting = locks.acquire('a', terms);
    waiting.catch(() => undefined);
    await pass(500);
    expect(new Set(claims.map(({ owner }) => owner)).size).toBe(claims.length);
    expect(claims.length).toBeGreaterThan(1);
  });
});

describe('one line for a name', () => {
  it.each([0, 1, 2, 3, 4])(
    'is left when a lock is released right after it was given, %i steps later',
    async (steps) => {
      const releasing = gate();
      const { locks, claims } = start((real) => ({
        release: async (...held) => {
          await releasing.promise;
          return real.release(...held);
        },
      }));
      const lock = await locks.acquire('a');
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      void lock.release();
      await settle();
      // Whoever comes now waits for the answer, in the line that waits for it.
      const next = locks.acquire('a');
      await settle();
      expect(claims).toHaveLength(1);
      releasing.open();
      await (await next).release();
      expect(claims).toHaveLength(2);
    },
  );
});

describe('a lock that was lost', () => {
  const TTL = 1_000;
  const silent = () => start(() => ({ extend: () => Promise.reject(new Error('away')) }));
  const past = (clock: FakeClock) => {
    const late = clock.now() + TTL;
    clock.now = () => late;
  };

  it('is told of once, when asking finds it first', async () => {
    const { locks, clock, told, pass } = silent();
    const lock = await locks.acquire('a', { ttl: TTL });
    past(clock);
    expect(() => lock.assertHeld()).toThrow('could not be renewed in time');
    expect(told).toEqual([expect.objectContaining({ type: 'lock-lost', name: 'a', token: lock.token })]);
    expect(() => lock.assertHeld()).toThrow('could not be renewed in time');
    await lock.release();
    await pass(2 * TTL);
    expect(told).toHaveLength(1);
  });

  it('is told of once, when the end of the work finds it', async () => {
    const { locks, clock, told, pass } = silent();
    const run = locks.run('a', async () => past(clock), { ttl: TTL });
    await expect(run).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await pass(2 * TTL);
    expect(told).toHaveLength(1);
  });

  it('is told of once, when its time is over', async () => {
    const { locks, told, pass } = silent();
    const lock = await locks.acquire('a', { ttl: TTL });
    await pass(2 * TTL);
    expect(() => lock.assertHeld()).toThrow('could not be renewed in time');
    await lock.release();
    expect(told).toHaveLength(1);
  });
});
