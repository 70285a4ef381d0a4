import { expect, it } from 'vitest';
import { FakeClock } from '../../../../../test/support/core.js';
import { ServerClock } from './server-clock.js';

/** A server so far ahead, learned by a round trip of so many ms that end now. */
function learn(clock: ServerClock, local: FakeClock, { ahead, trip }: { ahead: number; trip: number }): void {
  clock.learn(local.now() - trip / 2 + ahead, local.now() - trip, local.now());
}

function started(): { local: FakeClock; clock: ServerClock; ahead: () => number } {
  const local = new FakeClock();
  const clock = new ServerClock(local);
  return { local, clock, ahead: () => clock.now() - local.now() };
}

it('is the local clock until the server has said its time', () => {
  expect(started().ahead()).toBe(0);
});

it('goes by the server, however far off the local clock is', () => {
  const { local, clock, ahead } = started();
  learn(clock, local, { ahead: -300_000, trip: 10 });
  expect([ahead(), clock.coarse() - local.coarse()]).toEqual([-300_000, -300_000]);
  local.advance(50);
  expect(ahead()).toBe(-300_000);
});

it('believes the shortest round trip, the newer of two alike, and starts anew with another server', () => {
  const { local, clock, ahead } = started();
  learn(clock, local, { ahead: 5_000, trip: 2 });
  learn(clock, local, { ahead: 9_999, trip: 400 });
  expect(ahead()).toBe(5_000);
  learn(clock, local, { ahead: 5_001, trip: 2 });
  expect(ahead()).toBe(5_001);
  clock.forget();
  expect(ahead()).toBe(5_001);
  learn(clock, local, { ahead: 8_000, trip: 400 });
  expect(ahead()).toBe(8_000);
});

it('believes a sample less with time, for the clocks part by 100 ppm', () => {
  const { local, clock, ahead } = started();
  learn(clock, local, { ahead: 5_000, trip: 2 });
  // Half of 4 ms is one more than half of 2 ms: as much as the clocks may part in ten seconds.
  local.advance(9_999);
  learn(clock, local, { ahead: 5_003, trip: 4 });
  expect(ahead()).toBe(5_000);
  local.advance(1);
  learn(clock, local, { ahead: 5_003, trip: 4 });
  expect(ahead()).toBe(5_003);
});

it('learns nothing from what is no time', () => {
  const { local, clock, ahead } = started();
  learn(clock, local, { ahead: Number.NaN, trip: 2 });
  expect(ahead()).toBe(0);
});
