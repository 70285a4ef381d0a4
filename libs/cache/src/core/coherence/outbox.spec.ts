import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import type { Beat, Notice } from './bus.js';
import { Outbox } from './outbox.js';

let clock: FakeClock;
let isAway: boolean;
let posted: (Notice | Beat)[];
let outbox: Outbox;

function start(limit?: number): void {
  clock = new FakeClock();
  isAway = false;
  posted = [];
  outbox = new Outbox({
    clock,
    publisher: 'p',
    limit,
    post: async (message) => {
      if (isAway) throw new Error('away');
      posted.push(message);
    },
  });
}

beforeEach(() => start());

const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= 100) {
    clock.advance(Math.min(100, left));
    await settle();
  }
};
const beats = () => posted.filter((message): message is Beat => 'settled' in message);
const voids = () => posted.filter((message): message is Notice => 'kind' in message);

describe('numbers', () => {
  it('rise by one, and are never given twice, whatever becomes of them', async () => {
    expect([outbox.take('a'), outbox.take('a')]).toEqual([1, 2]);
    outbox.void(1);
    outbox.settle(2);
    await settle();
    expect([outbox.take('b'), outbox.take('c')]).toEqual([3, 4]);
  });

  it('without an answer are told of again, with their key', async () => {
    outbox.take('a');
    outbox.void(outbox.take('b'));
    await settle();
    expect(posted).toEqual([{ publisher: 'p', number: 2, kind: 'void', assigned: 0, key: 'b' }]);
  });

  it('that were answered are not voided, in whatever order it is said', async () => {
    const number = outbox.take('a');
    outbox.settle(number);
    outbox.void(number);
    await pass(2_000);
    expect(voids()).toEqual([]);
  });
});

describe('beats', () => {
  it('do not come before there is anything to tell', async () => {
    await pass(10_000);
    expect(posted).toEqual([]);
  });

  it('come once a second, three times after the last number, and say when they are the last', async () => {
    for (let number = 1; number <= 3; number += 1) {
      outbox.settle(outbox.take('a'));
      await pass(1_000);
    }
    expect(beats()).toEqual(
      [1, 2, 3].map((settled) => ({
        publisher: 'p',
        from: 0,
        age: settled * 1_000,
        settled,
        taken: settled,
        isLast: false,
      })),
    );
    await pass(10_000);
    expect(beats().slice(3)).toEqual(
      [4_000, 5_000, 6_000, 7_000].map((age) => ({
        publisher: 'p',
        from: 0,
        age,
        settled: 3,
        taken: 3,
        isLast: age === 7_000,
      })),
    );
  });

  it('come three times more after every number, however many came since the one before', async () => {
    for (const key of ['a', 'b']) {
      outbox.settle(outbox.take(key));
      await pass(3_000);
    }
    const before = beats().length;
    await pass(10_000);
    expect([
      before,
      beats()
        .slice(before)
        .map(({ isLast }) => isLast),
    ]).toEqual([6, [false, true]]);
  });

  it('begin anew, and say where', async () => {
    outbox.settle(outbox.take('a'));
    await pass(20_000);
    posted = [];
    outbox.settle(outbox.take('a'));
    await pass(1_000);
    expect(posted).toEqual([{ publisher: 'p', from: 1, age: 1_000, settled: 2, taken: 2, isLast: false }]);
  });

  it('go on while a number has no answer, and do not count it', async () => {
    outbox.settle(outbox.take('a'));
    const slow = outbox.take('b');
    outbox.settle(outbox.take('c'));
    await pass(20_000);
    expect(new Set(beats().map(({ settled, taken, isLast }) => `${settled} ${taken} ${isLast}`))).toEqual(
      new Set(['1 3 false']),
    );
    outbox.settle(slow);
    await pass(5_000);
    expect(beats().at(-1)).toMatchObject({ settled: 3, isLast: true });
  });

  it('that cannot be sent are not counted', async () => {
    outbox.settle(outbox.take('a'));
    isAway = true;
    await pass(20_000);
    isAway = false;
    await pass(20_000);
    expect(beats().map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
  });

  it('count a number only once its void is out, which is tried until it is', async () => {
    isAway = true;
    outbox.void(outbox.take('a'));
    await pass(5_000);
    isAway = false;
    await pass(1_000);
    expect(posted[0]).toMatchObject({ number: 1, kind: 'void' });
    await pass(10_000);
    expect(voids()).toHaveLength(1);
    expect(beats().at(-1)).toMatchObject({ settled: 1, isLast: true });
  });

  it('count numbers that are too many to be voided: the others miss those', async () => {
    start(10);
    isAway = true;
    for (let number = 1; number <= 15; number += 1) outbox.take('a');
    for (let number = 1; number <= 15; number += 1) outbox.void(number);
    isAway = false;
    await pass(3_000);
    expect(voids().map(({ number }) => number)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(beats().at(-1)).toMatchObject({ settled: 15 });
  });
});

describe('the end', () => {
  it('voids what has no answer, says good-bye, and is silent', async () => {
    outbox.settle(outbox.take('a'));
    outbox.take('b');
    await outbox.close();
    expect(posted).toEqual([
      { publisher: 'p', number: 2, kind: 'void', assigned: 0, key: 'b' },
      { publisher: 'p', from: 0, age: 0, settled: 2, taken: 2, isLast: true },
    ]);
    outbox.take('c');
    await pass(10_000);
    expect(posted).toHaveLength(2);
  });

  it('is said again after what was told behind it, so that nobody waits for a beat that counts it', async () => {
    outbox.settle(outbox.take('a'));
    await outbox.close();
    const [late, later] = [outbox.take('b'), outbox.take('c')];
    outbox.settle(late);
    expect(posted).toHaveLength(1);
    outbox.settle(later);
    outbox.settle(later);
    await pass(10_000);
    expect(posted.slice(1)).toEqual([expect.objectContaining({ settled: 3, taken: 3, isLast: true })]);
  });

  it('counts nothing that could not be voided as silent: the others miss it', async () => {
    outbox.take('a');
    isAway = true;
    await expect(outbox.close()).resolves.toBeUndefined();
    expect(posted).toEqual([]);
  });

  it('of one that never told anything is not told', async () => {
    await outbox.close();
    expect(posted).toEqual([]);
  });
});
