import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { EventHub } from '../../core/events/event-hub.js';
import { Locks } from '../../core/locks/locks.js';
import { MemoryLockEngine } from '../../drivers/memory/locks/memory-lock-engine.js';
import { asyncLockScope, currentLock } from './current-lock.js';

function start(): Locks {
  const clock = new FakeClock();
  const engine = new MemoryLockEngine(clock);
  return new Locks({ engine, clock, random: Math.random, events: new EventHub(), scope: asyncLockScope });
}

describe('the locks that code runs under', () => {
  it('are those around it, of which none can be waited for', async () => {
    const locks = start();
    await locks.run('a', () =>
      locks.run('b', async (inner) => {
        expect(currentLock()).toBe(inner);
        await expect(locks.acquire('a')).rejects.toMatchObject({ code: 'CONFIG', key: 'a' });
        await expect(locks.acquire('b')).rejects.toMatchObject({ code: 'CONFIG', key: 'b' });
      }),
    );
    expect(currentLock()).toBeUndefined();
  });

  it('are not those that the work has released', async () => {
    const locks = start();
    const again = await locks.run('a', async (lock) => {
      await lock.release();
      return locks.run('a', async () => 'again');
    });
    expect(again).toBe('again');
  });

  it('are not those whose work is done, for what it left running', async () => {
    const locks = start();
    let left: Promise<string> | undefined;
    await locks.run('a', async () => {
      left = settle().then(() => locks.run('a', async () => 'later'));
      left.catch(() => undefined);
    });
    await expect(left).resolves.toBe('later');
  });
});
