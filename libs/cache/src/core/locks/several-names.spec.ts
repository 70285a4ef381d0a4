import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { FREE_SCOPE, locksOver } from '../../../../../test/support/locks.js';
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
import type { LockClaim, LockEngine } from './lock-engine.js';
import type { LockSet } from './several-names.js';

function start(isTogether = true) {
  const clock = new FakeClock();
  const engine: LockEngine = new MemoryLockEngine(clock);
  const joint: (readonly LockClaim[])[] = [];
  const claimAll = engine.claimAll.bind(engine);
  engine.claimAll = async (claims) => {
    joint.push(claims);
    return isTogether ? claimAll(claims) : { kind: 'apart' };
  };
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of ['locked', 'lock-lost', 'lock-timeout'] as const) events.on(type, (event) => told.push(event));
  const locks = locksOver(engine, { clock, events });
  const [other, third] = [locksOver(engine, { clock }), locksOver(engine, { clock })];
  const isFree = async (name: string) => (await other.tryRun(name, async () => 1)).ran;
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(left, 50));
      await settle();
    }
  };
  return { clock, engine, joint, told, locks, other, third, isFree, pass };
}

/** Work that lasts until it is told to end. */
function lasting() {
  const hold = gate();
  let held: LockSet | undefined;
  const work = async (set: LockSet) => {
    held = set;
    await hold.promise;
  };
  return { work, held: () => held, end: () => hold.open() };
}

describe.each([
  ['of one place', true],
  ['of several places', false],
])('several names %s', (_places, isTogether) => {
  it('are all held, each with its token, and all given back', async () => {
    const { locks, isFree, told } = start(isTogether);
    const tokens = await locks.runAll(['b', 'a', 'b'], async (held) => {
      expect(held.locks.map(({ name }) => name)).toEqual(['a', 'b']);
      expect([await isFree('a'), await isFree('b')]).toEqual([false, false]);
      expect(() => held.token('c')).toThrow("'c' is not among those that are held: 'a', 'b'");
      held.assertHeld();
      return [held.token('a'), held.token('b')];
    });
    expect(tokens.every((token) => token > 0n)).toBe(true);
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
    expect(told).toMatchObject([
      { type: 'locked', name: 'a' },
      { type: 'locked', name: 'b' },
    ]);
  });

  it('are not held at all when one is not to be had, and that one is named', async () => {
    const { locks, isFree, other, pass, told } = start(isTogether);
    const held = await other.acquire('b');
    let ran = false;
    const late = locks.runAll(['a', 'b'], async () => (ran = true), { wait: 5_000, atLeast: 60_000 });
    late.catch(() => undefined);
    await pass(5_000);
    await expect(late).rejects.toThrow(LockTimeoutError);
    await expect(late).rejects.toThrow("'a', 'b' were not all free within 5000 ms, 'b' was not");
    expect(ran).toBe(false);
    // Work that did not run is not done at least once in a while: nothing stays held.
    expect(await isFree('a')).toBe(true);
    expect(told.filter(({ type }) => type === 'lock-timeout')).toMatchObject([{ name: 'b', waited: 5_000 }]);
    await held.release();
    await pass(100);
    expect(await isFree('b')).toBe(true);
  });

  it('never wait for each other, in whatever order they are named', async () => {
    const { locks, other, pass } = start(isTogether);
    const ran: string[] = [];
    const work = (label: string) => async () => {
      ran.push(`${label} in`);
      await settle();
      ran.push(`${label} out`);
    };
    const all = Promise.all([locks.runAll(['a', 'b'], work('1')), other.runAll(['b', 'a'], work('2'))]);
    await pass(1_000);
    await all;
    expect(ran).toEqual(['1 in', '1 out', '2 in', '2 out']);
  });

  it('stay held for as long as they are to, though the work was done before', async () => {
    const { locks, isFree, pass } = start(isTogether);
    await locks.runAll(['a', 'b'], async () => 1, { atLeast: 3_000 });
    await pass(2_900);
    expect([await isFree('a'), await isFree('b')]).toEqual([false, false]);
    await pass(200);
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
  });

  it('are lost as soon as one of them is, which is told once', async () => {
    const { locks, engine, pass, told } = start(isTogether);
    const { work, held, end } = lasting();
    const done = locks.runAll(['a', 'b'], work);
    await settle();
    const signal = held()?.signal;
    const extend = engine.extend.bind(engine);
    engine.extend = async (one) => (one.name === 'b' ? undefined : extend(one));
    await pass(20_000);
    expect(signal?.aborted).toBe(true);
    expect(() => held()?.assertHeld()).toThrow("The lock 'b'");
    end();
    await expect(done).rejects.toThrow(LockLostError);
    expect(told.filter(({ type }) => type === 'lock-lost')).toMatchObject([{ name: 'b' }]);
  });

  it('are renewed as long as the work takes', async () => {
    const { locks, isFree, pass } = start(isTogether);
    const { work, held, end } = lasting();
    const done = locks.runAll(['a', 'b'], work, { ttl: 1_000 });
    await pass(10_000);
    held()?.assertHeld();
    expect([await isFree('a'), await isFree('b')]).toEqual([false, false]);
    end();
    await done;
  });

  it('are waited for until the caller aborts', async () => {
    const { locks, other, isFree, pass } = start(isTogether);
    await other.acquire('b');
    const stop = new AbortController();
    const waiting = locks.runAll(['a', 'b'], async () => 1, { wait: 60_000, signal: stop.signal });
    waiting.catch(() => undefined);
    await pass(1_000);
    stop.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    await settle();
    expect(await isFree('a')).toBe(true);
    await expect(locks.runAll(['a'], async () => 1, { signal: stop.signal })).rejects.toThrow('changed my mind');
  });

  it('send away who waits, and end what is held, when the application shuts down', async () => {
    const { locks, other } = start(isTogether);
    const { work, held, end } = lasting();
    const done = locks.runAll(['a', 'b'], work);
    done.catch(() => undefined);
    await other.acquire('x');
    const waiting = locks.runAll(['x', 'y'], async () => 1, { wait: 60_000 });
    waiting.catch(() => undefined);
    await settle();
    locks.close();
    await expect(waiting).rejects.toThrow(CacheConnectionError);
    expect(() => held()?.assertHeld()).toThrow(LockLostError);
    end();
    await expect(done).rejects.toThrow(LockLostError);
  });

  it.each([
    [[], CacheConfigError, '0 at once cannot be taken'],
    [Array.from({ length: 17 }, (_, at) => `name-${at}`), CacheConfigError, '17 at once'],
    [['a', ''], CacheConfigError, 'the name of a lock: ""'],
  ])('refuses %j', async (names, kind, message) => {
    const { locks } = start(isTogether);
    const refused = locks.runAll(names, async () => 1);
    await expect(refused).rejects.toThrow(kind);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses names of which the caller has one', async () => {
    const { engine, clock } = start(isTogether);
    const locks = locksOver(engine, { clock, scope: { ...FREE_SCOPE, isUnder: (name) => name === 'b' } });
    await expect(locks.runAll(['a', 'b'], async () => 1)).rejects.toThrow("'b' is held by the call that asks for it");
  });
});

describe('several names of one place', () => {
  it('are asked for in one step', async () => {
    const { locks, joint } = start();
    await locks.runAll(['a', 'b', 'c'], async () => 1);
    expect(joint.map((claims) => claims.map(({ name }) => name))).toEqual([['a', 'b', 'c']]);
  });

  it('hold nothing while they wait, and stand in the line of the one that is busy', async () => {
    const { locks, other, third, isFree, pass } = start();
    const held = await other.acquire('b');
    const ran: string[] = [];
    const both = locks.runAll(['a', 'b'], async () => ran.push('both'));
    await pass(200);
    expect(await isFree('a')).toBe(true);
    const behind = third.run('b', async () => ran.push('behind'));
    await pass(200);
    await held.release();
    await pass(1_000);
    await Promise.all([both, behind]);
    expect(ran).toEqual(['both', 'behind']);
  });

  it('give back the one they waited for when another is busy by then, and come in when that is free', async () => {
    const { locks, other, isFree, pass } = start();
    const [b, c] = [await other.acquire('b'), await other.acquire('c')];
    let ran = false;
    const all = locks.runAll(['a', 'b', 'c'], async () => (ran = true), { wait: 60_000 });
    await pass(200);
    await b.release();
    await pass(1_000);
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
    expect(ran).toBe(false);
    await c.release();
    await pass(1_000);
    expect(await all).toBe(true);
  });

  it('come in though two have what the other one lacks, at the same moment', async () => {
    const { locks, other, third, pass } = start();
    const b = await other.acquire('b');
    let ran = 0;
    // One waits for b, the other for a.
    const one = locks.runAll(['a', 'b'], async () => (ran += 1), { wait: 60_000 });
    await pass(100);
    const a = await other.acquire('a');
    const two = third.runAll(['a', 'b'], async () => (ran += 1), { wait: 60_000 });
    await pass(100);
    await Promise.all([a.release(), b.release()]);
    await pass(2_000);
    await Promise.all([one, two]);
    expect(ran).toBe(2);
  });

  it('are not waited for by one who does not wait', async () => {
    const { locks, other, joint, isFree } = start();
    await other.acquire('b');
    await expect(locks.runAll(['a', 'b'], async () => 1, { wait: 0 })).rejects.toThrow(LockTimeoutError);
    expect(joint).toHaveLength(1);
    expect(await isFree('a')).toBe(true);
  });

  it('are asked for again while the place is away, and what it granted unheard is given again', async () => {
    const { locks, engine, pass } = start();
    const claimAll = engine.claimAll.bind(engine);
    let failures = 0;
    engine.claimAll = async (claims) => {
      const answer = await claimAll(claims);
      if ((failures += 1) <= 3) throw new Error('away');
      return answer;
    };
    const done = locks.runAll(['a', 'b'], async () => 'ran');
    await pass(1_000);
    expect(await done).toBe('ran');
  });

  it('are given back when nobody knows whether they were granted, and the error says why', async () => {
    const { locks, engine, pass, isFree } = start();
    const claimAll = engine.claimAll.bind(engine);
    engine.claimAll = async (claims) => {
      await claimAll(claims);
      throw new Error('away');
    };
    const now = locks.runAll(['a', 'b'], async () => 1, { wait: 0 });
    await expect(now).rejects.toThrow(CacheConnectionError);
    await settle();
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
    const late = locks.runAll(['a', 'b'], async () => 1, { wait: 1_000 });
    late.catch(() => undefined);
    await pass(1_000);
    await expect(late).rejects.toMatchObject({ name: 'LockTimeoutError', cause: { message: /away/ } });
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
  });

  it('are given back also when the answer fails after the caller has gone', async () => {
    const { locks, engine, pass, isFree } = start();
    const claimAll = engine.claimAll.bind(engine);
    const hold = gate();
    engine.claimAll = async (claims) => {
      await claimAll(claims);
      await hold.promise;
      throw new Error('away');
    };
    const late = locks.runAll(['a', 'b'], async () => 1, { wait: 500 });
    late.catch(() => undefined);
    await pass(500);
    await expect(late).rejects.toThrow(LockTimeoutError);
    expect(await isFree('a')).toBe(false);
    hold.open();
    await settle();
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
  });

  it('are given back when they are granted after the caller has gone', async () => {
    const { locks, engine, pass, isFree } = start();
    const claimAll = engine.claimAll.bind(engine);
    const hold = gate();
    engine.claimAll = async (claims) => {
      const answer = await claimAll(claims);
      await hold.promise;
      return answer;
    };
    const late = locks.runAll(['a', 'b'], async () => 1, { wait: 500, atLeast: 60_000 });
    late.catch(() => undefined);
    await pass(500);
    hold.open();
    await settle();
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
  });

  it('are refused at once when too few replicas have them', async () => {
    const { locks, engine } = start();
    engine.claimAll = () => Promise.reject(new LockNotReplicatedError('too few', { key: 'a' }));
    await expect(locks.runAll(['a', 'b'], async () => 1)).rejects.toThrow(LockNotReplicatedError);
  });
});
