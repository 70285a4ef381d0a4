import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from './system-clock.js';

/** Reads that may share one look at the clock. */
const READS = 64;

describe('the system clock', () => {
  let elapsed = 0;

  beforeEach(() => {
    elapsed = 1_000;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(performance, 'now').mockImplementation(() => elapsed);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('counts milliseconds since the epoch and does not follow the wall clock', () => {
    const clock = new SystemClock();
    vi.spyOn(Date, 'now').mockReturnValue(0);
    expect(clock.now()).toBe(performance.timeOrigin + 1_000);
    elapsed += 0.25;
    expect(clock.now()).toBe(performance.timeOrigin + 1_000.25);
  });

  it('looks again after so many cheap reads, though no timer ever fires', () => {
    const clock = new SystemClock();
    const first = clock.coarse();
    elapsed += 50;
    const shared = Array.from({ length: READS - 1 }, () => clock.coarse());
    expect(new Set(shared)).toEqual(new Set([first]));
    expect(clock.coarse()).toBe(first + 50);
  });

  it('looks again after a millisecond, however few reads', () => {
    const clock = new SystemClock();
    const first = clock.coarse();
    elapsed += 2;
    expect(clock.coarse()).toBe(first);
    vi.advanceTimersByTime(1);
    expect(clock.coarse()).toBe(first + 2);
  });

  it('is woken by no timer while nobody reads, and by one however many do', () => {
    const clock = new SystemClock();
    expect(vi.getTimerCount()).toBe(0);
    for (let read = 0; read < 10 * READS; read += 1) clock.coarse();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
    clock.coarse();
    expect(vi.getTimerCount()).toBe(1);
  });

  it('runs a task once after its time, unless it is cancelled', () => {
    const clock = new SystemClock();
    const ran: string[] = [];
    clock.after(100, () => ran.push('task'));
    const cancel = clock.after(100, () => ran.push('cancelled'));
    cancel();
    vi.advanceTimersByTime(99);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(ran).toEqual(['task']);
  });

  it('does not run a task of a far future at once', () => {
    const task = vi.fn();
    new SystemClock().after(100 * 365 * 86_400_000, task);
    vi.advanceTimersByTime(86_400_000);
    expect(task).not.toHaveBeenCalled();
  });
});

describe('a timer of the system clock', () => {
  it('never keeps the process alive', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const cancel = new SystemClock().after(60_000, () => undefined);
    new SystemClock().coarse();
    expect(timers()).toBe(before);
    cancel();
  });
});
