import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheEvents,
  CacheService,
  currentLock,
  LockService,
  LockTimeoutError,
  type CacheEvent,
} from '@datapunk/cache';
import { SERVICE } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

async function start() {
  const app = await boot([]);
  const told: CacheEvent[] = [];
  for (const type of ['locked', 'unlocked', 'lock-timeout', 'lock-lost'] as const) {
    app.get(CacheEvents).on(type, (event) => told.push(event));
  }
  return { locks: app.get(LockService), cache: app.get(CacheService), told };
}

describe('LockService', () => {
  it('runs work alone, and gives back what it gives', async () => {
    const { locks, told } = await start();
    let inside = 0;
    const runs = Array.from({ length: 10 }, (_, at) =>
      locks.run('import', async ({ name, token, durability }) => {
        inside += 1;
        expect(inside).toBe(1);
        expect(currentLock()?.token).toBe(token);
        expect([name, durability]).toEqual(['import', expect.stringMatching(/^(?:local|replicated)$/)]);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        return at;
      }),
    );
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told.map(({ type }) => type)).toEqual(Array.from({ length: 10 }, () => ['locked', 'unlocked']).flat());
    expect(told[0]).toMatchObject({ type: 'locked', name: 'import', token: expect.any(BigInt) });
    expect(told[1]).toMatchObject({ type: 'unlocked', name: 'import', held: expect.any(Number) });
  });

  it('tries without waiting', async () => {
    const { locks } = await start();
    const lock = await locks.acquire('import');
    expect(await locks.tryRun('import', async () => 1)).toEqual({ ran: false });
    await lock.release();
    expect(await locks.tryRun('import', async () => 1)).toEqual({ ran: true, value: 1 });
  });

  it('gives up waiting in time, and tells', async () => {
    const { locks, told } = await start();
    const lock = await locks.acquire('import');
    await expect(locks.run('import', async () => 1, { wait: '50ms' })).rejects.toBeInstanceOf(LockTimeoutError);
    expect(told.at(-1)).toMatchObject({ type: 'lock-timeout', name: 'import' });
    await lock.release();
  });

  it('ends waiting when the caller aborts', async () => {
    const { locks } = await start();
    const lock = await locks.acquire('import');
    const aborter = new AbortController();
    const waiting = locks.run('import', async () => 1, { signal: aborter.signal });
    const reason = new Error('enough');
    aborter.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await lock.release();
  });

  it('renews what is held longer than its ttl', async () => {
    const { locks } = await start();
    const lock = await locks.acquire('import', { ttl: 300 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    lock.assertHeld();
    expect(lock.signal.aborted).toBe(false);
    expect(await locks.tryRun('import', async () => 1)).toEqual({ ran: false });
    await lock.release();
  });

  it('refuses wrong names and options', async () => {
    const { locks } = await start();
    await expect(locks.run('', async () => 1)).rejects.toBeInstanceOf(CacheConfigError);
    await expect(locks.acquire('a', { ttl: 5 })).rejects.toBeInstanceOf(CacheConfigError);
    await expect(locks.tryRun('a', async () => 1, { atLeast: -1 })).rejects.toBeInstanceOf(CacheConfigError);
  });
});

describe('cacheAside', () => {
  it('takes the lock of the key, as anybody may', async () => {
    const { locks, cache } = await start();
    const lock = await locks.acquire(`app:${SERVICE}:count:1`);
    const held = gate();
    const updated = cache.cacheAside('count:1', async () => {
      held.open();
      return currentLock()?.name;
    });
    const first = await Promise.race([
      held.promise.then(() => 'ran'),
      new Promise((resolve) => {
        setTimeout(resolve, 50, 'waits');
      }),
    ]);
    expect(first).toBe('waits');
    await lock.release();
    expect(await updated).toBe(`app:${SERVICE}:count:1`);
  });

  it('refuses an update that calls itself on its own key', async () => {
    const { cache } = await start();
    const nested = cache.cacheAside('count:1', () => cache.cacheAside('count:1', async () => 1));
    await expect(nested).rejects.toBeInstanceOf(CacheConfigError);
  });
});
