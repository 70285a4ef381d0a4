import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import { CacheConfigError, LockLostError, LockTimeoutError } from '../errors.js';
import { EventHub } from '../events/event-hub.js';
import type { LockEngine } from './lock-engine.js';
import { Locks } from './locks.js';
import { type LockSet, runUnderAll } from './several-names.js';

function start() {
  const clock = new FakeClock();
  const engine: LockEngine = new MemoryLockEngine(clock);
  const process = () =>
    new Locks({
      engine,
      clock,
      random: Math.random,
      events: new EventHub(),
      scope: { run: (_lock, work) => work(), isUnder: () => false },
    });
  const [locks, other] = [process(), process()];
  const under = <T>(names: readonly string[], work: (held: LockSet) => Promise<T>, at = locks) =>
    runUnderAll({ locks: at, clock }, { names, options: { wait: 5_000 } }, work);
  const isFree = async (name: string) => (await other.tryRun(name, async () => 1)).ran;
  return { clock, engine, locks, other, under, isFree };
}

describe('several names at once', () => {
  it('are all held, each with its token, and all given back', async () => {
    const { under, isFree } = start();
    const tokens = await under(['b', 'a', 'b'], async (held) => {
      expect(held.locks.map(({ name }) => name)).toEqual(['a', 'b']);
      expect([await isFree('a'), await isFree('b')]).toEqual([false, false]);
      expect(() => held.token('c')).toThrow("'c' is not among those that are held: 'a', 'b'");
      held.assertHeld();
      return [held.token('a'), held.token('b')];
    });
    expect(tokens.every((token) => token > 0n)).toBe(true);
    expect([await isFree('a'), await isFree('b')]).toEqual([true, true]);
  });

  it('are not held at all when one is not to be had', async () => {
    const { under, isFree, other, clock } = start();
    const held = await other.acquire('b');
    let ran = false;
    const late = under(['a', 'b'], async () => (ran = true));
    late.catch(() => undefined);
    await settle();
    expect(await isFree('a')).toBe(false);
    for (let ms = 0; ms < 5_000; ms += 100) {
      clock.advance(100);
      await settle();
    }
    await expect(late).rejects.toThrow(LockTimeoutError);
    expect(ran).toBe(false);
    expect(await isFree('a')).toBe(true);
    await held.release();
  });

  it('never wait for each other, in whatever order they are named', async () => {
    const { under, other } = start();
    const ran: string[] = [];
    const work = (label: string) => async () => {
      ran.push(`${label} in`);
      await settle();
      ran.push(`${label} out`);
    };
    await Promise.all([under(['a', 'b'], work('1')), under(['b', 'a'], work('2'), other)]);
    expect(ran).toEqual(['1 in', '1 out', '2 in', '2 out']);
  });

  it('are lost as soon as one of them is', async () => {
    const { under, engine, clock } = start();
    const hold = gate();
    let held: LockSet | undefined;
    const done = under(['a', 'b'], async (set) => {
      held = set;
      await hold.promise;
    });
    await settle();
    const signal = held?.signal;
    const extend = engine.extend.bind(engine);
    engine.extend = async (one) => (one.name === 'b' ? undefined : extend(one));
    clock.advance(20_000);
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(() => held?.assertHeld()).toThrow("The lock 'b'");
    hold.open();
    await expect(done).rejects.toThrow(LockLostError);
  });

  it.each([[[]], [Array.from({ length: 17 }, (_, at) => `name-${at}`)]])('refuses %j', async (names) => {
    const { under } = start();
    await expect(under(names, async () => 1)).rejects.toThrow(CacheConfigError);
  });
});
