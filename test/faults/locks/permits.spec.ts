import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { RedisOption } from '../../../libs/cache/src/drivers/redis/redis-option.js';
import { pause } from '../../support/redis/wait.js';
import { AppProcess } from '../kit/app-process.js';

const APP = join(__dirname, 'permits.app.ts');
const TTL = 1_000;

const PLACES: Readonly<Record<string, () => RedisOption>> = {
  standalone: () => inject('redis').standalone,
  Cluster: () => ({ nodes: inject('redis').cluster }),
};

async function app(place: string): Promise<AppProcess> {
  const started = await AppProcess.start(APP, { redis: PLACES[place]?.(), ttl: TTL });
  onTestFinished(() => started.kill());
  return started;
}

const share = (weight = 1) => ({ name: `killed-${performance.timeOrigin}-${performance.now()}`, weight, capacity: 5 });

describe.each(Object.keys(PLACES))('permits of processes that die, on Redis %s', (place) => {
  it('are back within their lease and 100 ms', async () => {
    const [victim, other] = await Promise.all([app(place), app(place)]);
    const some = share();
    expect(await victim.call('take', some, 5, 0)).toBe(5);
    expect(await other.call('take', some, 5, 0)).toBe(0);
    await victim.kill();
    const died = performance.now();
    // The last renewal was before it died, so that its leases cannot last longer than from then.
    expect(await other.call('take', some, 5, 10_000)).toBe(5);
    expect(performance.now() - died).toBeLessThan(TTL + 100);
  });

  it('stay with a process that lives; the control of the above', async () => {
    const [holder, other] = await Promise.all([app(place), app(place)]);
    const some = share();
    expect(await holder.call('take', some, 5, 0)).toBe(5);
    expect(await other.call('take', some, 5, 2 * TTL)).toBe(0);
  });

  it('are not withheld by dead waiters at the head of the queue for more than a second', async () => {
    const [holder, victim, other] = await Promise.all([app(place), app(place), app(place)]);
    const some = share(5);
    expect(await holder.call('take', some, 1, 0)).toBe(1);
    await victim.call('queue', some, 8);
    await pause(100);
    const taken = other.call('take', some, 1, 20_000);
    await pause(100);
    await victim.kill();
    await holder.kill();
    const died = performance.now();
    expect(await taken).toBe(1);
    expect(performance.now() - died).toBeLessThan(Math.max(TTL, 1_000) + 100);
  });
});
