import { describe, expect, it, onTestFinished } from 'vitest';
import { CacheService, LockLostError, LockService, LockTimeoutError } from '@datapunk/cache';
import { boot } from '../../support/boot.js';
import { startStandalone } from '../../support/redis/standalone.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Two applications on one Redis, or each by itself. */
async function two(options: { redis?: false } = {}) {
  const apps = await Promise.all([boot([], options), boot([], options)]);
  const [one, other] = apps.map((app) => ({ locks: app.get(LockService), cache: app.get(CacheService) }));
  if (one === undefined || other === undefined) throw new Error('two were booted');
  return [one, other] as const;
}

/** Counts up a row of a database by reading and writing it, from all applications at once. */
async function countUp(caches: readonly CacheService[], times: number): Promise<number> {
  let row = 0;
  const update = async () => {
    const read = row;
    await nextTurn();
    row = read + 1;
    return row;
  };
  const loops = caches.flatMap((cache) =>
    Array.from({ length: 2 }, async () => {
      for (let at = 0; at < times; at += 1) await cache.cacheAside('count:1', update);
    }),
  );
  await Promise.all(loops);
  return row;
}

describe('two applications', () => {
  it('lose no update that goes through cacheAside', async () => {
    const caches = (await two()).map(({ cache }) => cache);
    expect(await countUp(caches, 50)).toBe(200);
  });

  it('would lose updates with locks of their own', async () => {
    const caches = (await two({ redis: false })).map(({ cache }) => cache);
    expect(await countUp(caches, 50)).toBeLessThan(200);
  });

  it('hold a lock one at a time, with tokens that rise', async () => {
    const apps = await two();
    const tokens: bigint[] = [];
    let inside = 0;
    let most = 0;
    const runs = apps.flatMap(({ locks }) =>
      Array.from({ length: 20 }, () =>
        locks.run(
          'import',
          async ({ token }) => {
            most = Math.max(most, ++inside);
            tokens.push(token);
            await nextTurn();
            inside -= 1;
          },
          { wait: '30s' },
        ),
      ),
    );
    await Promise.all(runs);
    expect(most).toBe(1);
    expect(tokens).toHaveLength(40);
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(tokens).size).toBe(40);
  });

  it('let the other have its turn while many wait here', async () => {
    const [one, other] = await two();
    const order: string[] = [];
    const held = await one.locks.acquire('import');
    const here = Array.from({ length: 40 }, () =>
      one.locks.run(
        'import',
        async () => {
          order.push('one');
          await new Promise((resolve) => setTimeout(resolve, 10));
        },
        { wait: '30s' },
      ),
    );
    const there = other.locks.run('import', async () => order.push('other'), { wait: '30s' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await held.release();
    await there;
    expect(order.length).toBeLessThan(30);
    await Promise.all(here);
    expect(order).toHaveLength(41);
  });

  it('get a lock at once when the other gives it back', async () => {
    const [one, other] = await two();
    const lock = await one.locks.acquire('import', { ttl: '60s' });
    const waiting = other.locks.acquire('import');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await lock.release();
    const began = performance.now();
    const theirs = await waiting;
    expect(performance.now() - began).toBeLessThan(500);
    expect(theirs.token).toBeGreaterThan(lock.token);
    await theirs.release();
  });
});

describe('a server that stands still', () => {
  async function stopped() {
    const server = await startStandalone();
    onTestFinished(() => server.stop());
    const app = await boot([], { redis: `redis://${server.address}` });
    onTestFinished(() => server.resume());
    return { server, locks: app.get(LockService), cache: app.get(CacheService) };
  }

  it('makes nobody wait longer than asked, and no work run', async () => {
    const { server, locks, cache } = await stopped();
    await locks.run('warm', async () => undefined);
    await server.pause();
    let ran = 0;
    const work = async () => ++ran;
    const began = performance.now();
    const reasons = await Promise.all([
      locks.run('import', work, { wait: '500ms' }).catch((reason: unknown) => reason),
      cache.cacheAside('count:1', work).catch((reason: unknown) => reason),
    ]);
    expect(performance.now() - began).toBeLessThan(8_000);
    for (const reason of reasons) expect(reason).toBeInstanceOf(LockTimeoutError);
    expect(ran).toBe(0);
  });

  it('aborts what is held before it can be given to somebody else', async () => {
    const { server, locks } = await stopped();
    const lock = await locks.acquire('import', { ttl: 1_000 });
    const aborted = new Promise<number>((resolve) => {
      lock.signal.addEventListener('abort', () => resolve(performance.now()));
    });
    await server.pause();
    // It may have been renewed until then, not after.
    const paused = performance.now();
    expect((await aborted) - paused).toBeLessThan(1_000);
    expect(lock.signal.reason).toBeInstanceOf(LockLostError);
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    const releasing = performance.now();
    await lock.release();
    expect(performance.now() - releasing).toBeLessThan(50);
  });
});
