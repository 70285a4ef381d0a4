import { Injectable } from '@nestjs/common';
import { onTestFinished, describe, expect, it } from 'vitest';
import { CacheEvents, CacheService, Evict, ReadThrough, type CacheEventType } from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually, pause } from '../../support/redis/wait.js';

class Missing extends Error {}

const TTL_MS = 60;
/** `ttl` is spread by ±10 %. */
const OVER_MS = TTL_MS * 1.1 + 10;
const STALE = { ttl: TTL_MS, staleFor: '1h', staleIfError: { throttle: 0 } } as const;

@Injectable()
class Towns {
  loads = 0;
  answer: () => Promise<string> = async () => 'old';

  @ReadThrough('kept:{0}', STALE)
  async kept(_id: number): Promise<string> {
    return this.#load();
  }

  @ReadThrough('at-once:{0}', { ...STALE, loadTimeout: { soft: 0 } })
  async atOnce(_id: number): Promise<string> {
    return this.#load();
  }

  @ReadThrough('soft:{0}', { ...STALE, loadTimeout: { soft: 50, hard: '5s' } })
  async soft(_id: number): Promise<string> {
    return this.#load();
  }

  @ReadThrough('hard:{0}', { ...STALE, loadTimeout: { hard: 50 } })
  async hard(_id: number): Promise<string> {
    return this.#load();
  }

  @ReadThrough('let-alone:{0}', { ttl: TTL_MS, staleFor: '1h', policy: 'let-alone' })
  async letAlone(_id: number): Promise<string> {
    return this.#load();
  }

  @ReadThrough('masked:{0}', { ...STALE, staleIfError: { unless: (error) => error instanceof Missing } })
  async masked(_id: number): Promise<string> {
    return this.#load();
  }

  @Evict('kept:{0}')
  async raze(_id: number): Promise<void> {}

  @Evict('kept:{0}', { mode: 'expire' })
  async touch(_id: number): Promise<void> {}

  async #load(): Promise<string> {
    this.loads += 1;
    return this.answer();
  }
}

const TOLD: readonly CacheEventType[] = [
  'stored',
  'stale-served',
  'refresh-started',
  'refresh-ended',
  'refresh-skipped',
];
const down = () => Promise.reject(new Error('the source is down'));

async function start() {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const app = await boot([Towns], { policies: { 'let-alone': { staleIfError: { throttle: '1h' } } } });
  const told: string[] = [];
  for (const type of TOLD) {
    app.get(CacheEvents).on(type, (event) => told.push('reason' in event ? `${type} ${String(event.reason)}` : type));
  }
  const towns = app.get(Towns);
  /** A value 'old' of this method whose ttl is over. */
  const aged = async (read: () => Promise<string>) => {
    await read();
    await eventually('it is kept', () => told.includes('stored'));
    await pause(OVER_MS);
    told.length = 0;
    towns.loads = 0;
  };
  return { app, towns, cache: app.get(CacheService), told, aged, unhandled };
}

describe('a decorated method that allows stale values', () => {
  it('answers with one while its source is down, and with a fresh one after that', async () => {
    const { towns, told, aged } = await start();
    await aged(() => towns.kept(1));
    towns.answer = down;
    await expect(towns.kept(1)).resolves.toBe('old');
    await expect(towns.kept(1)).resolves.toBe('old');
    expect([towns.loads, told]).toEqual([2, ['stale-served failed', 'stale-served failed']]);
    towns.answer = async () => 'new';
    await expect(towns.kept(1)).resolves.toBe('new');
    await expect(towns.kept(2)).resolves.toBe('new');
  });

  it('answers at once while it loads in the background, whatever becomes of that', async () => {
    const { towns, told, aged, unhandled } = await start();
    await aged(() => towns.atOnce(1));
    const hold = gate();
    towns.answer = () => hold.promise.then(down);
    await expect(Promise.all([towns.atOnce(1), towns.atOnce(1)])).resolves.toEqual(['old', 'old']);
    hold.open();
    await eventually('the load is over', () => told.includes('refresh-ended'));
    towns.answer = async () => 'new';
    await expect(towns.atOnce(1)).resolves.toBe('old');
    await eventually('it is loaded anew', async () => (await towns.atOnce(1)) === 'new');
    expect(unhandled).toEqual([]);
  });

  it('waits for the fresh one until its soft timeout, and for a failure until its hard one', async () => {
    const { towns, told, aged } = await start();
    await aged(() => towns.soft(1));
    const hold = gate();
    onTestFinished(() => hold.open());
    towns.answer = () => hold.promise.then(() => 'late');
    await expect(towns.soft(1)).resolves.toBe('old');
    expect(told).toEqual(['refresh-started', 'stale-served refreshing']);
    towns.answer = async () => 'old';
    await aged(() => towns.hard(1));
    towns.answer = () => hold.promise.then(() => 'late');
    await expect(towns.hard(1)).resolves.toBe('old');
    expect(told).toEqual(['stale-served failed']);
  });

  it('lets its source alone after a failure, as a named policy says', async () => {
    const { towns, aged } = await start();
    const read = () => towns.letAlone(1);
    await aged(read);
    towns.answer = down;
    await expect(read()).resolves.toBe('old');
    await expect(read()).resolves.toBe('old');
    expect(towns.loads).toBe(1);
  });

  it('does not mask what it must not', async () => {
    const { towns, aged } = await start();
    await aged(() => towns.masked(1));
    towns.answer = () => Promise.reject(new Missing('no such town'));
    await expect(towns.masked(1)).rejects.toThrow('no such town');
    towns.answer = down;
    await expect(towns.masked(1)).resolves.toBe('old');
  });

  it('serves none after delete and @Evict, and one after what only expires it', async () => {
    const { towns, cache, aged } = await start();
    await aged(() => towns.kept(1));
    await towns.touch(1);
    towns.answer = down;
    await expect(towns.kept(1)).resolves.toBe('old');
    towns.answer = async () => 'old';
    await aged(() => towns.kept(2));
    await cache.expire(full('kept:2'));
    towns.answer = down;
    await expect(towns.kept(2)).resolves.toBe('old');
    await cache.delete(full('kept:2'));
    await expect(towns.kept(2)).rejects.toThrow('the source is down');
    towns.answer = async () => 'old';
    await aged(() => towns.kept(3));
    await towns.raze(3);
    towns.answer = down;
    await expect(towns.kept(3)).rejects.toThrow('the source is down');
  });

  it('goes on with its loads until they are over when the application ends', async () => {
    const { app, towns, aged, told } = await start();
    await aged(() => towns.atOnce(1));
    const hold = gate();
    towns.answer = () => hold.promise.then(() => 'new');
    await expect(towns.atOnce(1)).resolves.toBe('old');
    await eventually('it loads', () => towns.loads === 1);
    const closing = app.close();
    hold.open();
    await closing;
    expect(told).toContain('refresh-ended');
  });
});
