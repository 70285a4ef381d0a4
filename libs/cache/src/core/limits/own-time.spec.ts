import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { inOwnTime } from './own-time.js';

/** Whose timers fire as late as the test says. */
class LateClock extends FakeClock {
  by = 0;

  override now(): number {
    return super.now() + this.by;
  }
}

function start() {
  const clock = new LateClock();
  const work = gate();
  const said: string[] = [];
  inOwnTime(work.promise, { clock, ms: 40, late: () => new Error('late') }).then(
    () => said.push('answered'),
    (error: Error) => said.push(error.message),
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { clock, work, said, pass };
}

it('gives up when the time is over', async () => {
  const { said, pass } = start();
  await pass(39);
  expect(said).toEqual([]);
  await pass(1);
  expect(said).toEqual(['late']);
});

it('gives a little more when its own timer was late, once', async () => {
  const { clock, work, said, pass } = start();
  clock.by = 10;
  await pass(47);
  expect(said).toEqual([]);
  work.open();
  await settle();
  expect(said).toEqual(['answered']);
  const silent = start();
  silent.clock.by = 10;
  await silent.pass(48);
  expect(silent.said).toEqual(['late']);
});

it('fails as the work does', async () => {
  const clock = new FakeClock();
  const failed = inOwnTime(Promise.reject(new Error('broken')), { clock, ms: 40, late: () => new Error('late') });
  await expect(failed).rejects.toThrow('broken');
});
