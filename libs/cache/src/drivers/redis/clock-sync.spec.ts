import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { syncClock, type ClockSync } from './clock-sync.js';
import type { RedisState } from './redis-connections.js';
import { ServerClock } from './server-clock.js';

const AHEAD = 300_000;

let local: FakeClock;
let serverClock: ServerClock;
let isReady: boolean;
let asked: string[];
let answer: () => unknown;
let listeners: Set<(state: RedisState) => void>;
beforeEach(() => {
  local = new FakeClock();
  serverClock = new ServerClock(local);
  isReady = true;
  asked = [];
  answer = () => timeOf(local.now() + AHEAD);
  listeners = new Set();
});

const start = (): ClockSync =>
  syncClock(
    {
      data: {
        call: async (command) => {
          asked.push(command);
          return answer();
        },
      },
      isReady: () => isReady,
      onState: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    serverClock,
    local,
  );
const tell = (state: RedisState['state']): void => {
  isReady = state === 'ready';
  for (const listener of listeners) listener({ state, address: 'h:1', reason: '' });
};
const ahead = (): number => serverClock.now() - local.now();

/** As the server says it: seconds and microseconds. */
function timeOf(ms: number): [string, string] {
  return [String(Math.floor(ms / 1_000)), String(Math.round((ms % 1_000) * 1_000))];
}

/** Answers when told to. */
function held(): { readonly replies: ((reply: unknown) => void)[] } {
  const replies: ((reply: unknown) => void)[] = [];
  answer = () => new Promise((resolve) => replies.push(resolve));
  return { replies };
}

describe('the sync of the clock', () => {
  it('asks three times, one after the other, and goes by the shortest round trip', async () => {
    const { replies } = held();
    start();
    for (const [trip, error] of [
      [40, 15],
      [4, 1],
      [20, 9],
    ] as const) {
      expect(replies).toHaveLength(1);
      local.advance(trip / 2);
      const reply = timeOf(local.now() + AHEAD + error);
      local.advance(trip / 2);
      replies.shift()?.(reply);
      await settle();
    }
    expect([asked, replies.length]).toEqual([['TIME', 'TIME', 'TIME'], 0]);
    expect(ahead()).toBe(AHEAD + 1);
  });

  it('says when the first sample is there', async () => {
    const { replies } = held();
    let isKnown = false;
    void start()
      .firstSample()
      .then(() => (isKnown = true));
    await settle();
    expect(isKnown).toBe(false);
    replies[0]?.(timeOf(local.now() + AHEAD));
    await settle();
    expect([isKnown, ahead()]).toEqual([true, AHEAD]);
  });

  it('asks anew every ten seconds, while Redis is there', async () => {
    start();
    await settle();
    local.advance(9_999);
    expect(asked).toHaveLength(3);
    local.advance(1);
    await settle();
    expect(asked).toHaveLength(6);
    tell('lost');
    local.advance(60_000);
    await settle();
    expect(asked).toHaveLength(6);
    tell('ready');
    await settle();
    expect(asked).toHaveLength(9);
    local.advance(10_000);
    await settle();
    expect(asked).toHaveLength(12);
  });

  it('waits for nothing while Redis is away, and asks when it comes', async () => {
    isReady = false;
    await start().firstSample();
    local.advance(60_000);
    expect([asked, ahead()]).toEqual([[], 0]);
    tell('ready');
    await settle();
    expect(ahead()).toBe(AHEAD);
  });

  it('takes the time of another server, however slow that is', async () => {
    start();
    await settle();
    expect(ahead()).toBe(AHEAD);
    const { replies } = held();
    tell('lost');
    tell('ready');
    local.advance(800);
    replies[0]?.(timeOf(local.now() + 7_600));
    await settle();
    expect(ahead()).toBe(8_000);
  });

  it('believes no answer of the server before', async () => {
    const { replies } = held();
    start();
    tell('lost');
    answer = () => timeOf(local.now() + 1_000);
    tell('ready');
    await settle();
    replies[0]?.(timeOf(local.now() + AHEAD));
    await settle();
    expect([ahead(), asked.length]).toEqual([1_000, 4]);
  });

  it.each<[string, () => unknown]>([
    ['an error', () => Promise.reject(new Error('NOPERM x'))],
    ['what is no time', () => 'PONG'],
    ['nothing', () => null],
  ])('outlives %s for an answer, and asks again later', async (_name, wrong) => {
    const right = answer;
    answer = wrong;
    await start().firstSample();
    await settle();
    expect(ahead()).toBe(0);
    answer = right;
    local.advance(10_000);
    await settle();
    expect(ahead()).toBe(AHEAD);
  });

  it('gives a server without a word one second', async () => {
    const { replies } = held();
    const sync = start();
    local.advance(1_000);
    await sync.firstSample();
    replies[0]?.(timeOf(0));
    await settle();
    expect([asked.length, ahead()]).toEqual([1, 0]);
    local.advance(9_000);
    expect(asked).toHaveLength(2);
  });

  it('does and believes nothing when stopped', async () => {
    const { replies } = held();
    const sync = start();
    sync.stop();
    replies[0]?.(timeOf(local.now() + AHEAD));
    await sync.firstSample();
    await settle();
    local.advance(60_000);
    expect([asked.length, ahead(), listeners.size]).toEqual([1, 0, 0]);
  });
});
