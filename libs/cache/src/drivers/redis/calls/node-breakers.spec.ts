import slotOf from 'cluster-key-slot';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../../test/support/core.js';
import { NodeBreakers, type Ask, type Places } from './node-breakers.js';
import type { Question } from './question.js';

let clock: FakeClock;
let told: string[];
let asked: string[];
let isBack: boolean;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  asked = [];
  isBack = false;
});

const ask: Ask = async (key) => {
  asked.push(key);
  if (!isBack) throw new Error('silent');
};
const question = (key: string, isAnswered = false): Question => ({
  key,
  isOver: () => isAnswered,
  fail: () => undefined,
});

function start(places: Places, failures = 2) {
  const tell = ({ state, node }: { state: string; node: string }): void => void told.push(`${node} ${state}`);
  const breakers = new NodeBreakers({ rules: { failures, retryAfter: 1_000 }, clock, places, tell });
  /** A batch that is not answered, or not all of it. */
  const late = (...batch: readonly Question[]): void => {
    const askedAt = clock.now();
    clock.advance(100);
    breakers.late(batch, askedAt, ask);
  };
  return { breakers, late };
}

const ALONE: Places = { kind: 'standalone', address: 'host:6379' };

/** The slot of a key belongs to the node that is said here. */
function cluster(owners: Readonly<Record<string, string>>): Places & { slots: string[][] } {
  const slots: string[][] = [];
  for (const [key, node] of Object.entries(owners)) slots[slotOf(key)] = [node, 'a replica'];
  return { kind: 'cluster', data: { slots }, slots };
}

describe('one server', () => {
  it('is asked until it has left so many in a row unanswered, and again when it answers a probe', async () => {
    const { breakers, late } = start(ALONE);
    late(question('a'));
    expect(breakers.refuses('b')).toBe(false);
    late(question('a'), question('b'));
    expect(breakers.refuses('b')).toBe(true);
    clock.advance(1_000);
    await settle();
    expect(breakers.refuses('b')).toBe(true);
    isBack = true;
    clock.advance(1_000);
    await settle();
    expect(breakers.refuses('b')).toBe(false);
    expect(asked).toEqual(['a', 'a']);
    expect(told).toEqual(['host:6379 opened', 'host:6379 closed']);
  });

  it('begins anew after anything that was answered', () => {
    const { breakers, late } = start(ALONE);
    late(question('a'));
    breakers.answered([question('b', true)]);
    late(question('a'));
    late(question('a', true));
    late(question('a'));
    expect(breakers.refuses('a')).toBe(false);
    expect(told).toEqual([]);
  });

  it('is probed at once when there is reason to', async () => {
    const { breakers, late } = start(ALONE, 1);
    late(question('a'));
    isBack = true;
    breakers.probe();
    await settle();
    expect(breakers.refuses('a')).toBe(false);
  });

  it('is probed no more after the end', async () => {
    const { breakers, late } = start(ALONE, 1);
    late(question('a'));
    breakers.stop();
    late(question('a'));
    clock.advance(5_000);
    await settle();
    expect(asked).toEqual([]);
    expect(breakers.refuses('a')).toBe(false);
  });
});

describe('the nodes of a cluster', () => {
  it('fail each for themselves', () => {
    const { breakers, late } = start(cluster({ a: 'first', b: 'second' }), 2);
    late(question('a'), question('b', true));
    late(question('a'), question('b', true));
    expect(breakers.refuses('a')).toBe(true);
    expect(breakers.refuses('b')).toBe(false);
  });

  it('count a batch once, whatever it asked of them', () => {
    const { breakers, late } = start(cluster({ a: 'first', b: 'first' }), 2);
    late(question('a'), question('b'), question('a'));
    expect(breakers.refuses('a')).toBe(false);
  });

  it('answer for their slots only as long as these are theirs', () => {
    const places = cluster({ a: 'first' });
    const { breakers, late } = start(places, 1);
    late(question('a'));
    expect(breakers.refuses('a')).toBe(true);
    places.slots[slotOf('a')] = ['successor'];
    expect(breakers.refuses('a')).toBe(false);
  });

  it('are asked about slots that nobody is known to own', () => {
    const { breakers, late } = start(cluster({}), 1);
    late(question('a'));
    expect(breakers.refuses('a')).toBe(false);
  });
});
