import { describe, expect, it } from 'vitest';
import { HighWaterMarks } from './high-water-marks.js';

const REMEMBERED = 1_000;

describe('high-water marks', () => {
  it('rise at once, each by itself, and do not fall with their counts', () => {
    const marks = new HighWaterMarks(REMEMBERED);
    marks.note([1, 2], 0);
    marks.note([2, 0], 10);
    expect([marks.at(0), marks.at(1)]).toEqual([2, 2]);
    marks.note([0, 3], REMEMBERED - 1);
    expect([marks.at(0), marks.at(1)]).toEqual([2, 3]);
  });

  it('are remembered for their time at least, wherever in it they were noted', () => {
    for (const noted of [0, 1, 500, 999]) {
      const marks = new HighWaterMarks(REMEMBERED);
      for (let now = 0; now <= noted + REMEMBERED; now += 1) {
        marks.note([now === noted ? 2 : 1], now);
        if (now >= noted) expect(marks.at(0)).toBe(2);
      }
    }
  });

  it('fall in the end', () => {
    const marks = new HighWaterMarks(REMEMBERED);
    marks.note([2], 0);
    for (let now = 100; now <= 2 * REMEMBERED; now += 100) marks.note([1], now);
    expect(marks.at(0)).toBe(1);
  });

  it('are 0 where nothing was counted', () => {
    const marks = new HighWaterMarks(REMEMBERED);
    marks.note([1], 0);
    expect(marks.at(7)).toBe(0);
  });
});
