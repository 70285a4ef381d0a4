import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';

const APP = join(__dirname, 'leader.app.ts');
const TTL = 1_000;

const PLACES: Readonly<Record<string, () => RedisOption>> = {
  standalone: () => inject('redis').standalone,
  Cluster: () => ({ nodes: inject('redis').cluster }),
};

/** A leader, and another process that stands for its place. */
async function pair(place: string): Promise<{ leader: AppProcess; next: AppProcess }> {
  const options = { redis: PLACES[place]?.(), name: `leader-${performance.timeOrigin}-${performance.now()}`, ttl: TTL };
  const start = async () => {
    const app = await AppProcess.start(APP, options);
    onTestFinished(() => app.kill());
    return app;
  };
  const leader = await start();
  await eventually('the first leads', () => leader.call<boolean>('isLeading'));
  const next = await start();
  await pause(300);
  expect(await next.call('isLeading')).toBe(false);
  return { leader, next };
}

const tokenOf = ({ told }: AppProcess): bigint =>
  BigInt(told.findLast((line) => line.startsWith('leads'))?.slice(6) ?? 0);

describe.each(Object.keys(PLACES))('the leader of a fleet, on Redis %s', (place) => {
  it('is followed by the next when it is killed, within its lease and a second', async () => {
    const { leader, next } = await pair(place);
    await leader.kill();
    const died = performance.now();
    await eventually('the next leads', () => next.call<boolean>('isLeading'));
    expect(performance.now() - died).toBeLessThan(TTL + 1_000);
    expect(tokenOf(next)).toBeGreaterThan(tokenOf(leader));
  });

  it('hands over at once when it stops', async () => {
    const { leader, next } = await pair(place);
    await leader.call('stop');
    await eventually('the next leads', () => next.call<boolean>('isLeading'), 500);
    expect(leader.told.at(-1)).toBe('ends');
  });

  it('that was frozen for longer than its lease knows when it goes on, and stands in line again', async () => {
    const { leader, next } = await pair(place);
    await leader.freeze();
    await eventually('the next leads', () => next.call<boolean>('isLeading'));
    leader.thaw();
    await eventually('the first has ended', () => leader.told.includes('ends'));
    expect(await leader.call('isLeading')).toBe(false);
    expect(await next.call('isLeading')).toBe(true);
    await next.kill();
    await eventually('the first leads again', () => leader.call<boolean>('isLeading'));
    expect(tokenOf(leader)).toBeGreaterThan(tokenOf(next));
  });
});
