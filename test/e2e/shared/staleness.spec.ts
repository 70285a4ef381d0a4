import { Injectable, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, ReadThrough } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually, pause } from '../../support/redis/wait.js';

const TTL_MS = 60;

@Injectable()
class Towns {
  loads = 0;
  answer: () => Promise<string> = async () => 'old';

  @ReadThrough('stale-town:{0}', { ttl: TTL_MS, staleFor: '1h', staleIfError: { throttle: 0 } })
  async find(_id: number): Promise<string> {
    this.loads += 1;
    return this.answer();
  }

  @ReadThrough('picky-town:{0}', { ttl: TTL_MS, staleFor: '1h', staleIfError: { throttle: 0, unless: () => false } })
  async findPicky(_id: number): Promise<string> {
    this.loads += 1;
    return this.answer();
  }
}

const down = () => Promise.reject(new Error('the source is down'));

/** Two applications, the first of which has kept a value of this method whose ttl is over. */
async function pair(read: (towns: Towns) => Promise<string>) {
  const [first, second] = [await boot([Towns]), await boot([Towns])];
  let isKept = false;
  first.get(CacheEvents).on('stored', () => (isKept = true));
  await read(first.get(Towns));
  await eventually('it is kept', () => isKept);
  // `ttl` is spread by ±10 %.
  await pause(TTL_MS * 1.1 + 10);
  const towns = [first.get(Towns), second.get(Towns)] as const;
  for (const each of towns) each.loads = 0;
  return { first: towns[0], second: towns[1], cache: first.get(CacheService) };
}

describe('a stale value among processes', () => {
  it('is served by one that has never seen it, and by none once it is deleted', async () => {
    const { second, cache } = await pair((towns) => towns.find(1));
    second.answer = down;
    await expect(second.find(1)).resolves.toBe('old');
    await cache.delete(full('stale-town:1'));
    const isRefused = () =>
      second.find(1).then(
        () => false,
        () => true,
      );
    await eventually('it is gone', isRefused);
  });

  it('is served to those who wait for another process that fails: its loader runs once in the fleet', async () => {
    const { first, second } = await pair((towns) => towns.find(2));
    const hold = gate();
    first.answer = () => hold.promise.then(down);
    second.answer = down;
    const leading = first.find(2);
    await eventually('one loads', () => first.loads === 1);
    const waiting = second.find(2);
    await pause(50);
    hold.open();
    await expect(Promise.all([leading, waiting])).resolves.toEqual(['old', 'old']);
    expect([first.loads, second.loads]).toEqual([1, 0]);
  });

  it('is not served by them where they could not say whether the error may be masked', async () => {
    const { first, second } = await pair((towns) => towns.findPicky(3));
    const hold = gate();
    first.answer = () => hold.promise.then(down);
    second.answer = async () => 'new';
    const leading = first.findPicky(3);
    await eventually('one loads', () => first.loads === 1);
    const waiting = second.findPicky(3);
    await pause(50);
    hold.open();
    await expect(Promise.all([leading, waiting])).resolves.toEqual(['old', 'new']);
    expect([first.loads, second.loads]).toEqual([1, 1]);
  });

  it('that nobody has is made up for by the error: its loader runs once in the fleet', async () => {
    const apps = await Promise.all([1, 2, 3].map(() => boot([Towns])));
    const [leader, ...others] = apps.map((app) => app.get(Towns));
    const hold = gate();
    for (const towns of [leader, ...others]) {
      if (towns !== undefined)
        towns.answer = () => hold.promise.then(() => Promise.reject(new NotFoundException('none')));
    }
    const leading = leader?.find(9);
    await eventually('one loads', () => leader?.loads === 1);
    const waiting = others.map((towns) => towns.find(9));
    await pause(50);
    hold.open();
    await expect(leading).rejects.toBeInstanceOf(NotFoundException);
    for (const other of await Promise.allSettled(waiting)) {
      expect(other).toMatchObject({
        reason: { code: 'LOAD_FAILED', statusCode: 404, message: 'none', cause: { name: 'NotFoundException' } },
      });
    }
    expect(others.map(({ loads }) => loads)).toEqual([0, 0]);
    for (const towns of others) towns.answer = async () => 'new';
    await expect(others[0]?.find(9)).resolves.toBe('new');
  });
});
