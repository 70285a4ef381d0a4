import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { FailedLoads } from './failed-loads.js';

describe('the keys that could not be loaded lately', () => {
  it('are let alone for their time, or until one was loaded', () => {
    const clock = new FakeClock();
    const failed = new FailedLoads(clock);
    failed.note('a', 100);
    failed.note('b', 100);
    failed.note('c', 0);
    failed.forget('b');
    expect(['a', 'b', 'c'].map((id) => failed.has(id))).toEqual([true, false, false]);
    clock.advance(100);
    expect(failed.has('a')).toBe(false);
  });

  it('are so many at most: the oldest is forgotten', () => {
    const failed = new FailedLoads(new FakeClock());
    for (let at = 0; at <= 10_000; at += 1) failed.note(`${at}`, 100);
    expect([failed.has('0'), failed.has('1'), failed.has('10000')]).toEqual([false, true, true]);
  });
});
