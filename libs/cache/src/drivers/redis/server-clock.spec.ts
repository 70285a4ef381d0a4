import { expect, it } from 'vitest';
import type { Clock } from '../../core/shared/clock.js';
import { ServerClock } from './server-clock.js';

function localAt(start: number): Clock & { move(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    coarse: () => now,
    after: () => () => undefined,
    move: (ms) => {
      now += ms;
    },
  };
}

it('is the local clock until the server has said its time', () => {
  expect(new ServerClock(localAt(1_000)).now()).toBe(1_000);
});

it('goes by the server, however far off the local clock is', () => {
  const local = localAt(1_000);
  const clock = new ServerClock(local);
  clock.learn(301_005, 1_000, 1_010);
  expect([clock.now(), clock.coarse()]).toEqual([301_000, 301_000]);
  local.move(50);
  expect(clock.now()).toBe(301_050);
});

it('believes the shortest round trip, and starts anew with another server', () => {
  const clock = new ServerClock(localAt(1_000));
  clock.learn(5_001, 1_000, 1_002);
  clock.learn(9_999, 1_000, 1_400);
  expect(clock.now()).toBe(5_000);
  clock.forget();
  clock.learn(8_200, 1_000, 1_400);
  expect(clock.now()).toBe(9_000 - 1_000);
});
