import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { LoopBack } from './loop-back.js';

let clock: FakeClock;
let isAway: boolean;
let isMute: boolean;
let lost: number;
let takes: number;
let delays: number[];
let loopBack: LoopBack;

beforeEach(() => {
  clock = new FakeClock();
  isAway = isMute = false;
  lost = takes = 0;
  delays = [];
  loopBack = new LoopBack({
    clock,
    post: async (ping) => {
      if (isAway) throw new Error('away');
      clock.advance(takes);
      if (!isMute) loopBack.came(ping);
    },
    lost: () => {
      lost += 1;
    },
    delay: (ms) => delays.push(ms),
  });
  loopBack.start();
});

const pass = async (seconds: number) => {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    await settle();
  }
};

describe('what a process tells itself', () => {
  it('comes back, and all is well', async () => {
    await pass(100);
    expect(lost).toBe(0);
  });

  it('says how long it took, once each time', async () => {
    await pass(2);
    takes = 7;
    await pass(1);
    loopBack.came('3');
    loopBack.came('1');
    loopBack.came('nonsense');
    expect(delays).toEqual([0, 0, 7]);
  });

  it('and does not come back three times in a row is told as lost, once', async () => {
    await pass(10);
    isMute = true;
    await pass(3);
    expect(lost).toBe(0);
    await pass(1);
    expect(lost).toBe(1);
    await pass(60);
    expect(lost).toBe(1);
    loopBack.start();
    await pass(4);
    expect(lost).toBe(2);
  });

  it('and cannot be sent says nothing', async () => {
    isAway = true;
    await pass(100);
    expect(lost).toBe(0);
  });

  it('and comes back two times out of three, or late, is no loss', async () => {
    for (let round = 1; round <= 30; round += 1) {
      isMute = round % 3 !== 0;
      await pass(1);
    }
    expect(lost).toBe(0);
    isMute = true;
    await pass(3);
    loopBack.came('9999');
    await pass(3);
    expect(lost).toBe(0);
  });

  it('and is of another time proves nothing for what is out later', async () => {
    isMute = true;
    await pass(1);
    loopBack.came('9999');
    await pass(4);
    expect(lost).toBe(1);
  });

  it('is not waited for any more when it ends', async () => {
    isMute = true;
    await pass(2);
    loopBack.stop();
    await pass(60);
    expect(lost).toBe(0);
  });

  it('is no number, and is let be', async () => {
    isMute = true;
    for (const text of ['', 'x', '-1', 'NaN']) loopBack.came(text);
    await pass(4);
    expect(lost).toBe(1);
  });
});
