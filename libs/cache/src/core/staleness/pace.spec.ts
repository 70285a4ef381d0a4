import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { Pace } from './pace.js';

const start = (perSecond: number) => {
  const clock = new FakeClock();
  const pace = new Pace(perSecond, clock);
  const reader = () => ({ restUntil: 0 });
  const enter = (rest = reader()) => {
    const hasRoom = pace.hasRoom(rest);
    if (hasRoom) pace.enter();
    return hasRoom;
  };
  const run = (rest = reader(), loadMs = 0) => {
    const hasEntered = enter(rest);
    if (hasEntered) pace.leave(rest, loadMs);
    return hasEntered;
  };
  return { clock, pace, reader, enter, run };
};

describe('the pace of comparisons', () => {
  it('is at most so many a second, after a second of rest all at once', () => {
    const { clock, run } = start(5);
    const burst = () => Array.from({ length: 10 }, () => run()).filter(Boolean).length;
    expect(burst()).toBe(5);
    clock.advance(200);
    expect(burst()).toBe(1);
    clock.advance(60_000);
    expect(burst()).toBe(5);
  });

  it('may be less than one a second', () => {
    const { clock, run } = start(0.1);
    expect([run(), run()]).toEqual([true, false]);
    clock.advance(9_999);
    expect(run()).toBe(false);
    clock.advance(1);
    expect(run()).toBe(true);
  });

  it('is two at a time', () => {
    const { pace, reader, enter } = start(100);
    const first = reader();
    expect([enter(first), enter(), enter()]).toEqual([true, true, false]);
    pace.leave(first, 0);
    expect(enter()).toBe(true);
  });

  it('gives a slow loader nine times the rest that it took, and others none', () => {
    const { clock, reader, run } = start(100);
    const slow = reader();
    expect(run(slow, 500)).toBe(true);
    clock.advance(4_499);
    expect([run(slow), run()]).toEqual([false, true]);
    clock.advance(1);
    expect(run(slow)).toBe(true);
  });

  it('takes nothing of what it refuses', () => {
    const { clock, reader, run } = start(1);
    const slow = reader();
    slow.restUntil = clock.now() + 1;
    expect([run(slow), run()]).toEqual([false, true]);
  });
});
