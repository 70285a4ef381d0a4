import { describe, expect, it } from 'vitest';
import { FakeClock, LOCK_WAIT, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { LockTimeoutError } from '../errors.js';
import { KeyedMutex } from './keyed-mutex.js';

function start() {
  const clock = new FakeClock();
  let timers = 0;
  clock.after = (ms, task) =>
    FakeClock.prototype.after.call(clock, ms, () => {
      timers += 1;
      task();
    });
  const mutex = new KeyedMutex(clock, LOCK_WAIT);
  const ran: string[] = [];
  /** Takes its turn, and holds it until it is told to let go. */
  const turn = (label: string, name = 'a') => {
    const hold = gate();
    const done = mutex.run(name, async () => {
      ran.push(label);
      await hold.promise;
      return label;
    });
    done.catch(() => undefined);
    return { done, release: () => hold.open() };
  };
  return { clock, mutex, ran, turn, fired: () => timers };
}

describe('the mutex of a name', () => {
  it('lets one in at a time, first come first served', async () => {
    const { turn, ran } = start();
    const turns = ['1', '2', '3', '4'].map((label) => turn(label));
    for (const [at, { done, release }] of turns.entries()) {
      await settle();
      expect(ran).toHaveLength(at + 1);
      release();
      await done;
    }
    expect(ran).toEqual(['1', '2', '3', '4']);
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
    const { turn, ran } = start();
    turn('a');
    turn('b', 'b');
    await settle();
    expect(ran).toEqual(['a', 'b']);
  });

  it('gives back what the work gives, and passes on what it throws', async () => {
    const { mutex } = start();
    const error = new Error('work');
    await expect(mutex.run('a', async () => 5)).resolves.toBe(5);
    await expect(mutex.run('a', () => Promise.reject(error))).rejects.toBe(error);
  });

  it.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('work'))],
    [
      'throws at once',
      () => {
        throw new Error('work');
      },
    ],
  ])('is free again when the work %s, for who waits and who comes', async (_, work) => {
    const { mutex } = start();
    const failing = mutex.run('a', work);
    const waiting = mutex.run('a', async () => 'waited');
    await expect(failing).rejects.toThrow('work');
    await expect(waiting).resolves.toBe('waited');
    await expect(mutex.run('a', async () => 'came')).resolves.toBe('came');
  });

  it('gives up after its wait, with an error of its own, and does not run the work', async () => {
    const { turn, clock, ran } = start();
    const holder = turn('holder');
    const late = turn('late');
    await settle();
    clock.advance(LOCK_WAIT - 1);
    await settle();
    expect(await Promise.race([late.done, Promise.resolve('waits')])).toBe('waits');
    clock.advance(1);
    const error: unknown = await late.done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LockTimeoutError);
    expect(error).toMatchObject({ key: 'a', status: 409, message: expect.stringContaining("'a' was not free within") });
    holder.release();
    await holder.done;
    await settle();
    expect(ran).toEqual(['holder']);
  });

  it('is not blocked by one who gave up', async () => {
    const { turn, clock, ran } = start();
    const holder = turn('holder');
    const late = turn('late');
    await settle();
    clock.advance(LOCK_WAIT - 1);
    const patient = turn('patient');
    await settle();
    clock.advance(1);
    await expect(late.done).rejects.toBeInstanceOf(LockTimeoutError);
    holder.release();
    patient.release();
    await expect(patient.done).resolves.toBe('patient');
    expect(ran).toEqual(['holder', 'patient']);
    const next = turn('next');
    next.release();
    await expect(next.done).resolves.toBe('next');
  });

  it('does not time out who has been let in, and leaves no timer behind', async () => {
    const { turn, clock, fired } = start();
    const [holder, second] = [turn('holder'), turn('second')];
    await settle();
    holder.release();
    await holder.done;
    await settle();
    clock.advance(10 * LOCK_WAIT);
    expect(fired()).toBe(0);
    second.release();
    await expect(second.done).resolves.toBe('second');
  });
});
