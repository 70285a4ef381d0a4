import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../libs/cache/src/core/shared/clock.js';
import { SystemClock } from '../../../libs/cache/src/core/shared/system-clock.js';
import { syncClock, type ClockSync } from '../../../libs/cache/src/drivers/redis/clock-sync.js';
import type { RedisConnections } from '../../../libs/cache/src/drivers/redis/redis-connections.js';
import { ServerClock } from '../../../libs/cache/src/drivers/redis/server-clock.js';
import type { RedisServer } from '../../support/redis/server.js';
import { startStandalone } from '../../support/redis/standalone.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { connect } from './support.js';

const OFF = 5 * 60_000;

/** A wall clock that nobody sets. */
function clockOff(ms: number): Clock {
  const system = new SystemClock();
  return {
    now: () => system.now() + ms,
    coarse: () => system.coarse() + ms,
    after: (delay, task) => system.after(delay, task),
  };
}

function sync(redis: RedisConnections, local: Clock): { serverClock: ServerClock; clockSync: ClockSync } {
  const serverClock = new ServerClock(local);
  const clockSync = syncClock(redis, serverClock, local);
  onTestFinished(() => clockSync.stop());
  return { serverClock, clockSync };
}

/** How far a clock is off, ms: the server's time should lie between the asking and the answer. */
async function error(clock: Clock, { data }: RedisConnections): Promise<number> {
  const sent = clock.now();
  const [seconds, micros] = (await data.call('TIME')) as [string, string];
  const server = Number(seconds) * 1_000 + Number(micros) / 1_000;
  return Math.max(sent - server, server - clock.now(), 0);
}

describe('the time of the server', () => {
  it.each<[string, () => object]>([
    ['one server', () => ({ url: inject('redis').standalone })],
    ['the primary of sentinels', () => inject('redis').sentinel],
    ['a cluster', () => ({ nodes: inject('redis').cluster })],
  ])('is known of %s when the first sample is there, on a clock five minutes off', async (_name, option) => {
    const { redis } = await connect(option() as Parameters<typeof connect>[0]);
    for (const off of [OFF, -OFF]) {
      const local = clockOff(off);
      const { serverClock, clockSync } = sync(redis, local);
      await clockSync.firstSample();
      expect(await error(serverClock, redis)).toBeLessThan(50);
      expect(await error(local, redis)).toBeGreaterThan(OFF - 50);
    }
  });

  it('is asked for at the start and after each reconnection, and no longer when stopped', async () => {
    const own = await startStandalone();
    const { redis } = await connect(`redis://${own.address}`);
    const before = await asked(own);
    const { serverClock, clockSync } = sync(redis, clockOff(OFF));
    await eventually('it has asked thrice', async () => (await asked(own)) === before + 3);
    await own.kill();
    await eventually('the loss is told', () => !redis.isReady());
    await own.restart();
    await eventually('it has asked the new server thrice', async () => (await asked(own)) === 3);
    expect(await error(serverClock, redis)).toBeLessThan(50);
    clockSync.stop();
    await own.restart();
    await eventually('it is back', () => redis.isReady());
    await pause(50);
    expect(await asked(own)).toBe(0);
    await own.stop();
  });
});

/** How often it was asked for the time. */
async function asked(server: RedisServer): Promise<number> {
  const [, calls = 0] = /cmdstat_time:calls=(\d+)/.exec(String(await server.call('INFO', 'commandstats'))) ?? [];
  return Number(calls);
}
