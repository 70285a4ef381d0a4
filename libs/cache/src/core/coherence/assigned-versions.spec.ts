import { describe, expect, it } from 'vitest';
import type { Clock } from '../shared/clock.js';
import { AssignedVersions } from './assigned-versions.js';

function versionsAt(time: { ms: number }): AssignedVersions {
  const clock: Clock = { now: () => time.ms, coarse: () => time.ms, after: () => () => undefined };
  return new AssignedVersions(clock);
}

describe('assigned versions', () => {
  it('are whole microseconds of the clock', () => {
    expect(versionsAt({ ms: 1_763_830_000_123.75 }).next()).toBe(1_763_830_000_123_750);
    expect(versionsAt({ ms: 1.0009 }).next()).toBe(1_000);
  });

  it('rise while the clock stands still, and even if it went back', () => {
    const time = { ms: 1_000 };
    const versions = versionsAt(time);
    const first = [versions.next(), versions.next(), versions.next()];
    expect(first).toEqual([1_000_000, 1_000_001, 1_000_002]);
    time.ms = 10;
    expect(versions.next()).toBe(1_000_003);
    time.ms = 1_001;
    expect(versions.next()).toBe(1_001_000);
  });

  it('begin anew where the clock went back so far that nobody would believe the old ones', () => {
    const time = { ms: 7_200_000 };
    const versions = versionsAt(time);
    versions.next();
    time.ms = 3_600_000;
    expect(versions.next()).toBe(7_200_000_001);
    time.ms = 3_500_000;
    expect(versions.next()).toBe(3_500_000_000);
  });

  it('are above every version that was seen, and a lower one changes nothing', () => {
    const versions = versionsAt({ ms: 1 });
    versions.saw(5_000);
    versions.saw(10);
    expect(versions.next()).toBe(5_001);
  });

  it('stay whole and distinct numbers until the year 2255', () => {
    const versions = versionsAt({ ms: Date.UTC(2255, 0, 1) });
    const [first, second] = [versions.next(), versions.next()];
    expect(Number.isSafeInteger(first) && Number.isSafeInteger(second)).toBe(true);
    expect(second).toBe(first + 1);
  });
});
