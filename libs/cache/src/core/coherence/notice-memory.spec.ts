import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { AHEAD_US } from './assigned-versions.js';
import { NoticeMemory } from './notice-memory.js';

let clock: FakeClock;
let dates: FakeClock;
let memory: NoticeMemory;
beforeEach(() => {
  clock = new FakeClock();
  dates = new FakeClock();
  memory = new NoticeMemory({ clock, dates, keys: 4 });
});

describe('what was told of a key', () => {
  it('outdates what is older, and nothing else', () => {
    memory.note('a', 7);
    expect([6, 7, 8].map((assigned) => memory.outdates('a', assigned))).toEqual([true, false, false]);
    expect(memory.outdates('b', 0)).toBe(false);
  });

  it('is the highest version, in whatever order they come', () => {
    memory.note('a', 7);
    memory.note('a', 9);
    memory.note('a', 8);
    memory.note('a', 0);
    expect([memory.versionOf('a'), memory.versionOf('b')]).toEqual([9, 0]);
  });

  it('is remembered for a minute, and forgotten after two', () => {
    memory.note('early', 1);
    clock.advance(60_001);
    memory.note('late', 2);
    clock.advance(59_998);
    expect([memory.versionOf('early'), memory.versionOf('late')]).toEqual([1, 2]);
    clock.advance(2);
    expect([memory.versionOf('early'), memory.versionOf('late')]).toEqual([0, 2]);
    clock.advance(60_000);
    expect([memory.outdates('early', 0), memory.outdates('late', 0)]).toEqual([false, false]);
    expect(memory.all()).toEqual([]);
  });

  it('is forgotten all at once after a long silence', () => {
    memory.note('a', 1);
    clock.advance(120_000);
    expect(memory.versionOf('a')).toBe(0);
  });

  it('makes room: the last changes stay, and no more than twice as many', () => {
    for (let at = 1; at <= 100; at += 1) memory.note(`key-${at}`, at);
    expect([97, 98, 99, 100].map((at) => memory.versionOf(`key-${at}`))).toEqual([97, 98, 99, 100]);
    expect(memory.all().length).toBeLessThanOrEqual(8);
  });

  it('is listed once for each key, what was changed last first', () => {
    for (const [at, key] of ['a', 'b', 'c', 'd', 'b', 'e'].entries()) memory.note(key, at + 1);
    expect(memory.all()).toEqual([
      ['e', 6],
      ['b', 5],
      ['d', 4],
      ['c', 3],
      ['a', 1],
    ]);
  });
});

describe('a version far ahead of the time', () => {
  it('outdates nothing, and gives way to one that can be', () => {
    const now = dates.now() * 1_000;
    memory.note('a', now + AHEAD_US);
    expect(memory.outdates('a', now)).toBe(false);
    memory.note('a', now + 1);
    expect(memory.outdates('a', now)).toBe(true);
  });

  it('is also what a clock left behind that was set back', () => {
    memory.note('a', dates.now() * 1_000);
    const past = new FakeClock();
    past.now = () => dates.now() - AHEAD_US / 1_000 - 1;
    const behind = new NoticeMemory({ clock, dates: past });
    behind.note('a', dates.now() * 1_000);
    expect([memory.outdates('a', 1), behind.outdates('a', 1)]).toEqual([true, false]);
  });
});
