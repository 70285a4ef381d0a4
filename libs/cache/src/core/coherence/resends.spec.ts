import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { NoticeMemory } from './notice-memory.js';
import { Resends, type Resent } from './resends.js';

let clock: FakeClock;
let changes: NoticeMemory;
let asked: [string, number][];
let done: Resent[];
let isAway: boolean;
/** What the server has lost. */
let lost: Set<string>;
let resends: Resends;
const every = () => true;

beforeEach(() => {
  clock = new FakeClock();
  changes = new NoticeMemory({ clock, dates: clock });
  [asked, done, isAway, lost] = [[], [], false, new Set()];
  const again = async (key: string, assigned: number) => {
    asked.push([key, assigned]);
    if (isAway) throw new Error('away');
    return lost.delete(key);
  };
  resends = new Resends({ clock, changes, again, done: (outcome) => done.push(outcome) });
});

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    await settle();
  }
}

describe('changes are made again', () => {
  it('those that are concerned, and it is told how many were lost', async () => {
    changes.note('a', 1);
    changes.note('b', 2);
    changes.note('c', 3);
    lost.add('a');
    resends.begin((key) => key !== 'b');
    await pass(10);
    expect(asked).toEqual([
      ['c', 3],
      ['a', 1],
    ]);
    expect(done).toEqual([{ keys: 2, lost: 1, unanswered: 0 }]);
  });

  it('not at all where there were none', async () => {
    resends.begin(every);
    changes.note('a', 1);
    resends.begin(() => false);
    await pass(1_000);
    expect([asked, done]).toEqual([[], []]);
  });

  it('at most 5,000 a second', async () => {
    for (let at = 1; at <= 20_000; at += 1) changes.note(`key-${at}`, at);
    resends.begin(every);
    await pass(1_000);
    expect(asked.length).toBeGreaterThan(4_000);
    expect(asked.length).toBeLessThanOrEqual(5_050);
    await pass(4_000);
    expect(done).toEqual([{ keys: 20_000, lost: 0, unanswered: 0 }]);
  });

  it('once for each key, however often servers are replaced meanwhile, in its last version', async () => {
    for (let at = 1; at <= 100; at += 1) changes.note(`key-${at}`, at);
    resends.begin(every);
    resends.begin(every);
    changes.note('key-1', 200);
    resends.begin(every);
    await pass(100);
    expect(asked).toHaveLength(100);
    expect(asked.filter(([key]) => key === 'key-1')).toEqual([['key-1', 200]]);
    expect(done).toHaveLength(1);
  });

  it('until there is an answer, twice a second', async () => {
    changes.note('a', 1);
    lost.add('a');
    isAway = true;
    resends.begin(every);
    await pass(5_000);
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.length).toBeLessThan(12);
    isAway = false;
    await pass(510);
    expect(done).toEqual([{ keys: 1, lost: 1, unanswered: 0 }]);
  });

  it('those of the last minute before the server went, also when it is back only after many', async () => {
    changes.note('a', 1);
    lost.add('a');
    isAway = true;
    resends.begin(every);
    await pass(300_000);
    expect(changes.all()).toEqual([]);
    isAway = false;
    await pass(510);
    expect(done).toEqual([{ keys: 1, lost: 1, unanswered: 0 }]);
  });

  it('at once when a server is there', async () => {
    changes.note('a', 1);
    isAway = true;
    resends.begin(every);
    await pass(20);
    isAway = false;
    resends.begin(every);
    await pass(10);
    expect(done).toEqual([{ keys: 1, lost: 0, unanswered: 0 }]);
  });

  it('for ten minutes at most where there is none, and anew when the next server comes', async () => {
    changes.note('a', 1);
    isAway = true;
    resends.begin(every);
    await pass(601_000);
    expect(done).toEqual([{ keys: 0, lost: 0, unanswered: 1 }]);
    const before = asked.length;
    await pass(5_000);
    expect(asked).toHaveLength(before);
    isAway = false;
    changes.note('a', 2);
    resends.begin(every);
    await pass(10);
    expect(done[1]).toEqual({ keys: 1, lost: 0, unanswered: 0 });
  });

  it('others first where one is never answered', async () => {
    for (let at = 1; at <= 200; at += 1) changes.note(`key-${at}`, at);
    const answers: string[] = [];
    const again = async (key: string) => {
      if (key === 'key-200') throw new Error('NOPERM');
      answers.push(key);
      return false;
    };
    const partial = new Resends({ clock, changes, again, done: (outcome) => done.push(outcome) });
    partial.begin(every);
    await pass(605_000);
    expect(answers).toHaveLength(199);
    expect(done).toEqual([{ keys: 199, lost: 0, unanswered: 1 }]);
  });

  it('no more once the application ends', async () => {
    changes.note('a', 1);
    isAway = true;
    resends.begin(every);
    await pass(10);
    resends.close();
    resends.begin(every);
    await pass(2_000);
    expect(asked).toHaveLength(1);
    expect(done).toEqual([]);
  });
});
