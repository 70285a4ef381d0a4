import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { FREE_SCOPE } from '../../../../../test/support/locks.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import {
  CacheConfigError,
  CacheConnectionError,
  LockLostError,
  LockNotReplicatedError,
  LockTimeoutError,
} from '../errors.js';
import type { CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import type { Lock } from './lock.js';
import type { LockClaim, LockEngine } from './lock-engine.js';
import { Locks } from './locks.js';
import type { LockScope } from './lock-scope.js';

/** Locks of one process over a place that counts, and that others may share. */
function start({ scope = FREE_SCOPE, place }: { scope?: LockScope; place?: LockEngine } = {}) {
  const clock = new FakeClock();
  const real = place ?? new MemoryLockEngine(clock);
  const calls = { claims: [] as LockClaim[], extended: 0, released: 0 };
  /** What the place answers with instead of working. */
  const failing: { with?: Error | undefined } = {};
  const working = async <T>(work: () => Promise<T>): Promise<T> => {
    if (failing.with !== undefined) throw failing.with;
    return work();
  };
  const engine: LockEngine = {
    claim: (claim) => {
      calls.claims.push(claim);
      return working(() => real.claim(claim));
    },
    extend: (held) => {
      calls.extended += 1;
      return working(() => real.extend(held));
    },
    release: (held, used) => {
      calls.released += 1;
      return working(() => real.release(held, used));
    },
    claimAll: (claims) => real.claimAll(claims),
    leave: (name, owner) => real.leave(name, owner),
    onFree: (listener) => real.onFree(listener),
    close: () => real.close(),
  };
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of ['locked', 'lock-lost', 'lock-timeout'] as const) events.on(type, (event) => told.push(event));
  const locks = new Locks({ engine, clock, random: Math.random, events, scope });
  const ran: string[] = [];
  /** Takes its turn, and holds it until it is told to let go. */
  const turn = (label: string, options?: Parameters<Locks['run']>[2]) => {
    const hold = gate();
    const tokens: bigint[] = [];
    const done = locks.run(
      'a',
      async ({ token }) => {
        ran.push(label);
        tokens.push(token);
        await hold.promise;
        return label;
      },
      options,
    );
    done.catch(() => undefined);
    return { done, release: () => hold.open(), tokens };
  };
  return { clock, real, locks, calls, failing, told, ran, turn };
}

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('the line of a name', () => {
  it('lets one in at a time, first come first served, each with a higher token', async () => {
    const { turn, ran } = start();
    const turns = ['1', '2', '3', '4'].map((label) => turn(label));
    for (const [at, { done, release }] of turns.entries()) {
      await settle();
      expect(ran).toHaveLength(at + 1);
      release();
      await done;
    }
    expect(ran).toEqual(['1', '2', '3', '4']);
    const tokens = turns.flatMap((one) => one.tokens);
    expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
    expect(new Set(tokens).size).toBe(4);
  });

  it('takes the lock once for all who follow each other, and gives it back when nobody does', async () => {
    const { turn, calls } = start();
    const turns = ['1', '2', '3', '4'].map((label) => turn(label));
    for (const { release } of turns) release();
    await Promise.all(turns.map(({ done }) => done));
    expect(calls).toMatchObject({ claims: { length: 1 }, released: 1 });
    const again = turn('again');
    again.release();
    await again.done;
    expect(calls).toMatchObject({ claims: { length: 2 }, released: 2 });
  });

  it('keeps who came while it was passed on behind those who waited', async () => {
    const { turn, ran } = start();
    const [first, second] = [turn('1'), turn('2')];
    first.release();
    await first.done;
    const third = turn('3');
    await settle();
    expect(ran).toEqual(['1', '2']);
    second.release();
    third.release();
    await third.done;
    expect(ran).toEqual(['1', '2', '3']);
  });

  it('is of no concern to other names', async () => {
    const { locks, turn, ran } = start();
    turn('a');
    await locks.run('b', async () => ran.push('b'));
    expect(ran).toEqual(['a', 'b']);
  });

  it('gives back what the work gives, passes on what it throws, and is free after either', async () => {
    const { locks } = start();
    const error = new Error('work');
    const failing = locks.run('a', () => Promise.reject(error));
    const waiting = locks.run('a', async () => 5);
    await expect(failing).rejects.toBe(error);
    await expect(waiting).resolves.toBe(5);
    await expect(locks.tryRun('a', async () => 6)).resolves.toEqual({ ran: true, value: 6 });
  });

  it('gives up after its wait, and does not run the work', async () => {
    const { turn, clock, ran, told } = start();
    const holder = turn('holder');
    const late = turn('late', { wait: 1_000 });
    await settle();
    clock.advance(999);
    await settle();
    expect(await Promise.race([late.done, Promise.resolve('waits')])).toBe('waits');
    clock.advance(1);
    const error = await reasonOf(late.done);
    expect(error).toBeInstanceOf(LockTimeoutError);
    expect(error).toMatchObject({ key: 'a', status: 409, message: expect.stringContaining('within 1000 ms') });
    holder.release();
    await holder.done;
    expect(ran).toEqual(['holder']);
    expect(told).toContainEqual({ type: 'lock-timeout', name: 'a', waited: 1_000 });
  });

  it('is left by one whose caller aborts, with its reason', async () => {
    const { turn, locks } = start();
    const holder = turn('holder');
    const aborter = new AbortController();
    const waiting = turn('waiting', { signal: aborter.signal });
    const next = turn('next');
    await settle();
    const reason = new Error('enough');
    aborter.abort(reason);
    await expect(waiting.done).rejects.toBe(reason);
    await expect(locks.acquire('b', { signal: aborter.signal })).rejects.toBe(reason);
    holder.release();
    next.release();
    await expect(next.done).resolves.toBe('next');
  });

  it('sends a try away where somebody holds or waits, and one that waits 0', async () => {
    const { turn, locks } = start();
    const holder = turn('holder');
    await settle();
    await expect(locks.tryRun('a', async () => 1)).resolves.toEqual({ ran: false });
    await expect(locks.run('a', async () => 1, { wait: 0 })).rejects.toBeInstanceOf(LockTimeoutError);
    holder.release();
    await holder.done;
    await expect(locks.run('a', async () => 1, { wait: 0 })).resolves.toBe(1);
  });

  it('sends a try away where another process holds it', async () => {
    const { locks, real } = start();
    await real.claim({ ...CLAIM, owner: 'other' });
    await expect(locks.tryRun('a', async () => 1)).resolves.toEqual({ ran: false });
    await expect(locks.run('a', async () => 1, { wait: 0 })).rejects.toBeInstanceOf(LockTimeoutError);
  });

  it('claims anew for one who asks for another time', async () => {
    const { turn, calls } = start();
    const turns = [turn('1'), turn('2', { ttl: 1_000 }), turn('3', { ttl: 1_000 })];
    for (const { release } of turns) release();
    await Promise.all(turns.map(({ done }) => done));
    expect(calls.claims.map(({ ttl }) => ttl)).toEqual([30_000, 1_000]);
  });

  it('stays held at least as long as asked, and nobody waits for that', async () => {
    const { turn, clock, locks } = start();
    const first = turn('first', { atLeast: 1_000 });
    first.release();
    await expect(first.done).resolves.toBe('first');
    await expect(locks.tryRun('a', async () => 1)).resolves.toEqual({ ran: false });
    clock.advance(1_000);
    await settle();
    await expect(locks.tryRun('a', async () => 1)).resolves.toEqual({ ran: true, value: 1 });
  });
});

const CLAIM: LockClaim = {
  name: 'a',
  owner: 'other',
  ttl: 1_000,
  durability: undefined,
  whenUndurable: 'refuse',
  tokens: 1,
  above: 0n,
  queue: false,
};

describe('a lock that another process wants', () => {
  it('is given up after a while, and taken again in turn', async () => {
    const { turn, clock, real, ran } = start();
    const turns = ['1', '2', '3'].map((label) => turn(label));
    await settle();
    const waits = { ...CLAIM, queue: true };
    expect(await real.claim(waits)).toMatchObject({ kind: 'busy' });
    clock.advance(60);
    turns[0]?.release();
    // The second is let in, and meanwhile the place is asked who else waits.
    await settle();
    turns[1]?.release();
    await settle();
    expect(ran).toEqual(['1', '2']);
    const theirs = await real.claim(waits);
    expect(theirs).toMatchObject({ kind: 'granted' });
    if (theirs.kind === 'granted') await real.release({ ...CLAIM, durability: 'local' }, theirs.token);
    await settle();
    turns[2]?.release();
    await expect(turns[2]?.done).resolves.toBe('3');
  });

  it('is asked for again when nobody says that it is free', async () => {
    const { turn, clock, real, ran } = start();
    await real.claim(CLAIM);
    const waiting = turn('waiting');
    await settle();
    clock.advance(1_000);
    await settle();
    expect(ran).toEqual(['waiting']);
    waiting.release();
    await waiting.done;
  });

  it('is taken at once when it is given back', async () => {
    const { turn, real, ran } = start();
    await real.claim({ ...CLAIM, ttl: 60_000 });
    turn('waiting');
    await settle();
    await real.release({ ...CLAIM, durability: 'local' }, 0n);
    await settle();
    expect(ran).toEqual(['waiting']);
  });

  it('is no longer stood in line for when all here have gone', async () => {
    const { turn, clock, real } = start();
    const other = { ...CLAIM, ttl: 60_000 };
    await real.claim(other);
    turn('waiting', { wait: 500 });
    await settle();
    clock.advance(500);
    await settle();
    expect(await real.extend({ ...other, durability: 'local' })).toMatchObject({ isWaitedFor: false });
  });
});

describe('a lock that is held', () => {
  const TTL = 1_000;
  const GUARD = 111;

  async function held(options: { ttl?: number } = {}) {
    const started = start();
    const lock = await started.locks.acquire('a', { ttl: TTL, ...options });
    return { ...started, lock };
  }

  it('is renewed for as long as it is held', async () => {
    const { lock, clock, calls } = await held();
    for (let passed = 0; passed < 5 * TTL; passed += 100) {
      clock.advance(100);
      await settle();
      lock.assertHeld();
    }
    expect(lock.signal.aborted).toBe(false);
    expect(calls.extended).toBeGreaterThanOrEqual(9);
    await lock.release();
  });

  it('aborts before it ends when it cannot be renewed, and says so', async () => {
    const { lock, clock, failing, told } = await held();
    const { signal } = lock;
    failing.with = new Error('away');
    for (let passed = 0; passed < TTL - GUARD - 1; passed += 1) {
      clock.advance(1);
      await settle();
    }
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    expect(told).toContainEqual(expect.objectContaining({ type: 'lock-lost', name: 'a', token: lock.token }));
  });

  it('aborts in time while a renewal hangs', async () => {
    const clock = new FakeClock();
    const place = new MemoryLockEngine(clock);
    const { locks } = ((): { locks: Locks } => {
      const engine: LockEngine = {
        claim: (claim) => place.claim(claim),
        extend: () => new Promise(() => undefined),
        release: (one, used) => place.release(one, used),
        claimAll: (claims) => place.claimAll(claims),
        leave: (name, owner) => place.leave(name, owner),
        onFree: (listener) => place.onFree(listener),
        close: () => place.close(),
      };
      const events = new EventHub();
      return { locks: new Locks({ engine, clock, random: Math.random, events, scope: FREE_SCOPE }) };
    })();
    const { signal } = await locks.acquire('a', { ttl: TTL });
    clock.advance(TTL - GUARD);
    expect(signal.aborted).toBe(true);
  });

  it('knows by the clock alone that it is over, before any timer has run', async () => {
    const { lock, clock } = await held();
    const frozen = clock.now();
    clock.now = () => frozen + TTL - GUARD - 1;
    lock.assertHeld();
    clock.now = () => frozen + TTL - GUARD;
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    expect(lock.signal.aborted).toBe(true);
  });

  it('fails the run whose work succeeded though the lock was lost', async () => {
    const { turn, clock, failing } = start();
    const one = turn('one', { ttl: TTL });
    await settle();
    failing.with = new Error('away');
    clock.advance(TTL);
    await settle();
    one.release();
    await expect(one.done).rejects.toBeInstanceOf(LockLostError);
  });

  it('is lost when somebody else has taken it', async () => {
    const { lock, clock, real, calls } = await held();
    const { signal } = lock;
    const owner = calls.claims[0]?.owner ?? '';
    await real.release({ ...CLAIM, owner, durability: 'local' }, 0n);
    clock.advance(TTL / 2);
    await settle();
    expect(signal.aborted).toBe(true);
  });

  it('lets the next one in when it was lost, with a higher token', async () => {
    const { lock, clock, failing, turn, ran } = await held();
    const next = turn('next', { wait: 60_000 });
    failing.with = new Error('away');
    clock.advance(TTL);
    await settle();
    failing.with = undefined;
    clock.advance(TTL);
    await settle();
    expect(ran).toEqual(['next']);
    expect(next.tokens[0]).toBeGreaterThan(lock.token);
    await lock.release();
    next.release();
    await expect(next.done).resolves.toBe('next');
  });

  it('is released once, and is held by nobody then', async () => {
    const { lock, calls } = await held();
    await lock.release();
    await lock.release();
    expect(calls.released).toBe(1);
    expect(() => lock.assertHeld()).toThrow(LockLostError);
  });

  it('is given back later when that fails', async () => {
    const { lock, failing, clock, locks } = await held({ ttl: 30_000 });
    failing.with = new Error('away');
    await lock.release();
    failing.with = undefined;
    clock.advance(500);
    await settle();
    await expect(locks.tryRun('a', async () => 1)).resolves.toEqual({ ran: true, value: 1 });
  });
});

describe('a place that does not answer', () => {
  it('is asked again until the wait is over, and named as the cause', async () => {
    const { turn, failing, clock, calls } = start();
    failing.with = new Error('away');
    const waiting = turn('waiting', { wait: 1_000 });
    for (let passed = 0; passed < 1_000; passed += 100) {
      await settle();
      clock.advance(100);
    }
    await expect(waiting.done).rejects.toMatchObject({ code: 'LOCK_TIMEOUT', cause: failing.with });
    expect(calls.claims.length).toBeGreaterThan(5);
  });

  it('lets in who waits when it is back', async () => {
    const { turn, failing, clock, ran } = start();
    failing.with = new Error('away');
    turn('waiting');
    await settle();
    failing.with = undefined;
    clock.advance(100);
    await settle();
    expect(ran).toEqual(['waiting']);
  });

  it('fails a try with what it says', async () => {
    const { locks, failing } = start();
    failing.with = new Error('away');
    const refused = locks.tryRun('a', async () => 1);
    await expect(refused).rejects.toBeInstanceOf(CacheConnectionError);
    await expect(refused).rejects.toMatchObject({ key: 'a', cause: failing.with });
  });

  it('refuses at once what its replicas did not confirm', async () => {
    const { locks, failing } = start();
    failing.with = new LockNotReplicatedError('too few');
    await expect(locks.run('a', async () => 1)).rejects.toBe(failing.with);
  });
});

describe('wrong use', () => {
  it.each([
    [{ ttl: 199 }, '199'],
    [{ ttl: 'soon' as never }, 'soon'],
    [{ wait: -1 }, '-1'],
    [{ durability: 'global' as never }, 'global'],
    [{ whenUndurable: 'never' as never }, 'never'],
  ])('is refused with the value: %o', async (options, value) => {
    const { locks } = start();
    const error = await reasonOf(locks.run('a', async () => 1, options));
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error).toMatchObject({ message: expect.stringContaining(value) });
  });

  it.each(['', 'x'.repeat(513), 7 as never])('is a name that is none: %s', async (name) => {
    await expect(start().locks.run(name, async () => 1)).rejects.toBeInstanceOf(CacheConfigError);
  });

  it('is to ask for a lock under itself, where that can be known', async () => {
    const under: Lock[] = [];
    const scope: LockScope = {
      run: (lock, work) => {
        under.push(lock);
        return work();
      },
      isUnder: (name) => under.some((lock) => lock.name === name),
    };
    const { locks } = start({ scope });
    const nested = locks.run('a', () => locks.run('a', async () => 1));
    await expect(nested).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining("'a'") });
    await expect(locks.run('b', async () => 1)).resolves.toBe(1);
  });
});

describe('a process that ends', () => {
  it('sends away who waits and aborts what is held', async () => {
    const { locks, turn } = start();
    const { signal } = await locks.acquire('a');
    const waiting = turn('waiting');
    await settle();
    locks.close();
    await expect(waiting.done).rejects.toMatchObject({ code: 'CONNECTION' });
    expect(signal.aborted).toBe(true);
  });
});
