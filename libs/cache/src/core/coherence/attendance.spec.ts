import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { Attendance } from './attendance.js';
import type { Beat, Gap } from './bus.js';

let clock: FakeClock;
let doubts: (Gap | 'unsure')[];
let attendance: Attendance;

/** Hears since so long that whatever begins now is new. */
function start(limit?: number, heardFor = 60_000): void {
  clock = new FakeClock();
  doubts = [];
  attendance = new Attendance({ clock, limit, doubts: (gap) => doubts.push(gap ?? 'unsure') });
  attendance.hears();
  clock.advance(heardFor);
}

beforeEach(() => start());

const hear = (...numbers: number[]) => {
  for (const number of numbers) attendance.heard('p', number);
};
const beat = (settled: number, more: Partial<Beat> = {}) =>
  attendance.beat({ publisher: 'p', from: 0, age: 1_000, settled, taken: settled, isLast: false, ...more });
const lost = { cause: 'lost', publisher: 'p' };

describe('a last word', () => {
  it('stands, though a beat from before comes after it by the way of another node', () => {
    hear(1, 2);
    beat(2, { isLast: true });
    beat(2);
    beat(1, { taken: 2 });
    clock.advance(60_000);
    expect(doubts).toEqual([]);
  });

  it('is none for what was told since, though it comes after that', () => {
    hear(1);
    beat(1);
    hear(2);
    beat(1, { isLast: true });
    clock.advance(4_000);
    expect(doubts).toEqual([{ cause: 'silent', publisher: 'p' }]);
  });

  it('ends with the next that is told: its beats are waited for again (control)', () => {
    hear(1);
    beat(1, { isLast: true });
    hear(2);
    beat(2);
    clock.advance(4_000);
    expect(doubts).toEqual([{ cause: 'silent', publisher: 'p' }]);
  });
});

describe('a number', () => {
  it('that is missing in time after a beat counts it was lost', () => {
    hear(1, 3);
    beat(3);
    clock.advance(200);
    expect(doubts).toEqual([]);
    clock.advance(150);
    expect(doubts).toEqual([lost]);
    clock.advance(800);
    beat(3, { isLast: true });
    clock.advance(60_000);
    expect(doubts).toEqual([lost]);
  });

  it.each([
    ['the first', [2, 3]],
    ['the last', [1, 2]],
    ['every one', []],
    ['a heap', [1]],
  ])('is missed where it is %s of its publisher', (_, heard) => {
    hear(...heard);
    beat(3, { isLast: true });
    clock.advance(400);
    expect(doubts).toEqual([lost]);
  });

  it('that is jumped over means nothing by itself', () => {
    hear(1, 3, 9);
    clock.advance(900);
    beat(1, { taken: 9, isLast: true });
    clock.advance(60_000);
    expect(doubts).toEqual([]);
  });

  it.each([
    ['late, after the beat', () => beat(3), () => hear(2)],
    ['in any order, and twice', () => hear(2, 2, 1), () => beat(3)],
  ])('that comes %s is not missed', (_, first, second) => {
    hear(3, 1);
    first();
    clock.advance(150);
    second();
    clock.advance(1_000);
    beat(3, { isLast: true });
    clock.advance(60_000);
    expect(doubts).toEqual([]);
  });

  it('that a later beat counts is missed then, also where the beats came in a heap', () => {
    hear(1);
    beat(1);
    beat(2, { isLast: true });
    clock.advance(400);
    expect(doubts).toEqual([lost]);
  });

  it('is missed once, however often it is missing', () => {
    hear(2);
    beat(2);
    clock.advance(400);
    beat(2, { isLast: true });
    clock.advance(400);
    expect(doubts).toEqual([lost]);
  });

  it('far ahead is not waited for', () => {
    hear(1);
    attendance.heard('p', 1_000_000_000);
    expect(doubts).toEqual([lost]);
  });
});

describe('a publisher', () => {
  it('that misses three beats is silent, once; when it comes back nothing more happens', () => {
    hear(1);
    beat(1);
    clock.advance(3_200);
    expect(doubts).toEqual([]);
    clock.advance(150);
    expect(doubts).toEqual([{ cause: 'silent', publisher: 'p' }]);
    clock.advance(5_000);
    hear(2);
    beat(2, { age: 9_000, isLast: true });
    clock.advance(60_000);
    expect(doubts).toHaveLength(1);
  });

  it('is silent, too, if it never beat at all', () => {
    hear(1);
    clock.advance(3_400);
    expect(doubts).toEqual([{ cause: 'silent', publisher: 'p' }]);
  });

  it('that has said that no more comes is not waited for', () => {
    hear(1);
    beat(1, { isLast: true });
    hear(1);
    clock.advance(3_600_000);
    expect(doubts).toEqual([]);
  });

  it('that begins anew after it said so owes everything since', () => {
    hear(1);
    beat(1, { isLast: true });
    clock.advance(60_000);
    beat(2, { from: 1, isLast: true });
    clock.advance(400);
    expect(doubts).toEqual([lost]);
  });

  it('that was there before us is doubted once, and then owes everything', () => {
    start(undefined, 500);
    hear(701, 702);
    beat(702, { from: 3, age: 9_000 });
    expect(doubts).toEqual([]);
    clock.advance(100);
    expect(doubts).toEqual(['unsure']);
    hear(704);
    clock.advance(900);
    beat(704, { from: 3, age: 10_000, isLast: true });
    clock.advance(400);
    expect(doubts).toEqual(['unsure', lost]);
  });

  it('that was there before us is doubted only when all is settled that it had begun by then', () => {
    start(undefined, 500);
    // It hears 7 first, for 8 to 10 were sent before it heard anything.
    hear(7);
    beat(6, { age: 9_000, taken: 11 });
    clock.advance(900);
    hear(13);
    expect(doubts).toEqual([]);
    beat(13, { age: 10_000 });
    clock.advance(400);
    expect(doubts).toEqual(['unsure', lost]);
    beat(13, { isLast: true });
    clock.advance(60_000);
    expect(doubts).toHaveLength(2);
  });

  it('that began before us, a hundred of it, is doubted together', () => {
    start(undefined, 500);
    for (let each = 0; each < 100; each += 1) beat(7, { publisher: `p${each}`, age: 9_000, isLast: true });
    clock.advance(60_000);
    expect(doubts).toEqual(['unsure']);
  });

  it('that was idle before us owes everything since it began', () => {
    beat(703, { from: 700 });
    clock.advance(400);
    expect(doubts).toEqual([lost]);
  });
});

describe('more publishers than can be remembered', () => {
  it('are forgotten while they are idle, and nothing is missed', () => {
    start(3);
    for (let each = 0; each < 100; each += 1) {
      attendance.heard(`p${each}`, 1);
      beat(1, { publisher: `p${each}`, isLast: true });
    }
    clock.advance(60_000);
    beat(2, { publisher: 'p0', from: 1 });
    clock.advance(400);
    expect(doubts).toEqual([{ cause: 'lost', publisher: 'p0' }]);
  });

  it('are forgotten also while they are busy, but then what was kept is doubted', () => {
    start(3);
    for (const publisher of ['a', 'b', 'c', 'd']) {
      attendance.heard(publisher, 1);
      beat(1, { publisher });
    }
    clock.advance(400);
    expect(doubts).toEqual(['unsure']);
    beat(1, { publisher: 'a', age: 1_400, isLast: true });
    for (const publisher of ['b', 'c', 'd']) beat(1, { publisher, isLast: true });
    clock.advance(60_000);
    expect(new Set(doubts)).toEqual(new Set(['unsure']));
  });
});

describe('who does not hear', () => {
  it('misses nobody, and begins anew when it hears', () => {
    hear(1, 3);
    beat(3);
    attendance.deaf();
    hear(5);
    beat(9);
    clock.advance(60_000);
    expect(doubts).toEqual([]);
    attendance.hears();
    hear(12);
    beat(12, { age: 9_000, isLast: true });
    clock.advance(60_000);
    expect(doubts).toEqual(['unsure']);
  });
});
