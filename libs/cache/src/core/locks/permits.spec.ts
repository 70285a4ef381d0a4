import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../../../../test/support/core.js';
import { gate } from '../../../../../test/support/gate.js';
import { MemoryPermits } from '../../drivers/memory/permits/memory-permits.js';
import { CacheConfigError, LockLostError, LockTimeoutError } from '../errors.js';
import type { CacheEvent } from '../events/cache-event.js';
import { EventHub } from '../events/event-hub.js';
import type { PermitEngine } from './permit-engine.js';
import { Permits } from './permits.js';
import { readWriteLock, semaphore } from './semaphore.js';

function start(instead: Partial<PermitEngine> = {}) {
  const clock = new FakeClock();
  const real = new MemoryPermits(clock);
  const engine: PermitEngine = {
    newOwner: () => real.newOwner(),
    acquire: (request) => real.acquire(request),
    renew: (...args) => real.renew(...args),
    release: (...args) => real.release(...args),
    onOffer: (...args) => real.onOffer(...args),
    close: () => real.close(),
    ...instead,
  };
  const events = new EventHub();
  const told: CacheEvent[] = [];
  for (const type of ['locked', 'lock-lost', 'lock-timeout'] as const) events.on(type, (event) => told.push(event));
  const permits = new Permits({ engine, clock, events });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(Math.min(left, 100));
      await settle();
    }
  };
  return { clock, permits, pass, told };
}

describe('a semaphore', () => {
  it('lets in as many as it has permits, and the next when one leaves, in order', async () => {
    const { permits } = start();
    const room = semaphore(permits, 'exports', 2);
    const ran: string[] = [];
    const turns = ['a', 'b', 'c', 'd'].map((label) => {
      const hold = gate();
      const done = room.run(async () => {
        ran.push(label);
        await hold.promise;
        return label;
      });
      return { done, leave: () => hold.open() };
    });
    await settle();
    expect(ran).toEqual(['a', 'b']);
    turns[1]?.leave();
    expect(await turns[1]?.done).toBe('b');
    await settle();
    expect(ran).toEqual(['a', 'b', 'c']);
    for (const { leave } of turns) leave();
    expect(await Promise.all(turns.map(({ done }) => done))).toEqual(['a', 'b', 'c', 'd']);
    expect(await room.tryRun(async () => 'free')).toEqual({ ran: true, value: 'free' });
  });

  it('gives up after its wait, leaves the queue, and does not run the work', async () => {
    const { permits, pass, told } = start();
    const room = semaphore(permits, 'exports', 1);
    const held = await room.acquire();
    let ran = false;
    const late = room.run(async () => (ran = true), { wait: 3_000 });
    late.catch(() => undefined);
    const patient = room.acquire({ wait: 60_000 });
    await pass(3_000);
    await expect(late).rejects.toThrow(LockTimeoutError);
    await expect(late).rejects.toThrow("no room in 'exports' (1 permits) within 3000 ms");
    await held.release();
    expect(await patient).toMatchObject({ name: 'exports' });
    expect(ran).toBe(false);
    expect(told).toMatchObject([
      { type: 'locked', name: 'exports', waited: 0 },
      { type: 'lock-timeout', name: 'exports', waited: 3_000 },
      { type: 'locked', waited: 3_000 },
    ]);
  });

  it('ends the waiting with the reason of the signal', async () => {
    const { permits } = start();
    const room = semaphore(permits, 'exports', 1);
    await room.acquire();
    const stop = new AbortController();
    const waiting = room.acquire({ wait: 60_000, signal: stop.signal });
    await settle();
    stop.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    await expect(room.acquire({ signal: stop.signal })).rejects.toThrow('changed my mind');
  });

  it('makes room whatever becomes of the work', async () => {
    const { permits } = start();
    const room = semaphore(permits, 'exports', 1);
    await expect(room.run(() => Promise.reject(new Error('work')))).rejects.toThrow('work');
    expect(await room.tryRun(async () => 1)).toEqual({ ran: true, value: 1 });
  });

  it.each([0, -1, 1.5, NaN, 10_001, '3' as never])('refuses %s permits', (count) => {
    const { permits } = start();
    expect(() => semaphore(permits, 'exports', count)).toThrow(CacheConfigError);
  });
});

describe('permits that are held', () => {
  it('are renewed as long as the work takes', async () => {
    const { permits, pass } = start();
    const room = semaphore(permits, 'exports', 1);
    const lock = await room.acquire({ ttl: 1_000 });
    await pass(10_000);
    expect(() => lock.assertHeld()).not.toThrow();
    expect(await room.tryRun(async () => 1)).toEqual({ ran: false });
  });

  it('are lost before their lease ends when they cannot be renewed, once the guard begins', async () => {
    const { permits, clock, told } = start({ renew: () => Promise.reject(new Error('away')) });
    const lock = await semaphore(permits, 'exports', 1).acquire({ ttl: 1_000 });
    const { signal } = lock;
    clock.advance(888);
    expect(signal.aborted).toBe(false);
    clock.advance(1);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(told.at(-1)).toMatchObject({ type: 'lock-lost', name: 'exports', error: signal.reason });
    expect(() => lock.assertHeld()).toThrow(LockLostError);
  });

  it('are told of as lost once, when asking finds it before any timer', async () => {
    const { permits, pass, clock, told } = start({ renew: () => Promise.reject(new Error('away')) });
    const lock = await semaphore(permits, 'exports', 1).acquire({ ttl: 1_000 });
    const late = clock.now() + 1_000;
    clock.now = () => late;
    expect(() => lock.assertHeld()).toThrow(LockLostError);
    await lock.release();
    await pass(2_000);
    expect(told.filter(({ type }) => type === 'lock-lost')).toHaveLength(1);
  });

  it('are lost at once when the place does not know them any more', async () => {
    const { permits, pass } = start({ renew: async () => undefined });
    const lock = await semaphore(permits, 'exports', 1).acquire({ ttl: 1_000 });
    await pass(300);
    expect(lock.signal.aborted).toBe(true);
  });

  it('are told of as lost when the work succeeded too late', async () => {
    const { permits, clock } = start({ renew: () => Promise.reject(new Error('away')) });
    const late = semaphore(permits, 'exports', 1).run(async () => clock.advance(1_000), { ttl: 1_000 });
    await expect(late).rejects.toThrow(LockLostError);
  });

  it('are known to be lost by the clock alone, though no timer ran', async () => {
    const { permits, clock } = start();
    const lock = await semaphore(permits, 'exports', 1).acquire({ ttl: 1_000 });
    const now = clock.now() + 5_000;
    clock.now = () => now;
    expect(() => lock.assertHeld()).toThrow(LockLostError);
  });

  it('are given back when nobody knows whether they were granted', async () => {
    const released: string[] = [];
    const { permits } = start({
      acquire: () => Promise.reject(new Error('away')),
      release: async (name) => void released.push(name),
    });
    await expect(semaphore(permits, 'exports', 1).acquire({ wait: 0 })).rejects.toThrow('away');
    expect(released).toEqual(['exports']);
  });

  it('are not given back by who has taken no place and was told that there is no room', async () => {
    const released: string[] = [];
    const { permits } = start({
      acquire: async () => ({ granted: false, retryIn: 1_000 }),
      release: async (name) => void released.push(name),
    });
    const room = semaphore(permits, 'exports', 1);
    expect(await room.tryRun(async () => 1)).toEqual({ ran: false });
    expect(released).toEqual([]);
    const stop = new AbortController();
    const patient = room.acquire({ wait: 5_000, signal: stop.signal });
    await settle();
    stop.abort(new Error('enough'));
    await expect(patient).rejects.toThrow('enough');
    await settle();
    expect(released).toEqual(['exports']);
  });
});

describe('a place of permits that is away', () => {
  /** Answers with errors until it is back. */
  function away() {
    const real: { engine?: PermitEngine } = {};
    const state = { isAway: true };
    const started = start({
      acquire: (request) =>
        state.isAway
          ? Promise.reject(new Error('away'))
          : (real.engine?.acquire(request) ?? Promise.reject(new Error())),
    });
    real.engine = new MemoryPermits(started.clock);
    return { ...started, back: () => (state.isAway = false) };
  }

  it('is outwaited, as locks do', async () => {
    const { permits, pass, back } = away();
    const { read } = readWriteLock(permits, 'prices');
    const done = read.run(async () => 'ran', { wait: 5_000 });
    await pass(3_000);
    back();
    await pass(200);
    expect(await done).toBe('ran');
  });

  it('is told of as the cause when it is away until the end of the wait', async () => {
    const { permits, pass, told } = away();
    const late = semaphore(permits, 'exports', 1).run(async () => 1, { wait: 2_000 });
    late.catch(() => undefined);
    await pass(2_000);
    await expect(late).rejects.toMatchObject({ name: 'LockTimeoutError', key: 'exports', cause: { message: 'away' } });
    expect(told).toMatchObject([{ type: 'lock-timeout', name: 'exports', waited: 2_000 }]);
  });

  it('lets nobody wait longer than they want to, though it is silent', async () => {
    const { permits, pass } = start({ acquire: () => new Promise(() => undefined) });
    const late = semaphore(permits, 'exports', 1).run(async () => 1, { wait: 1_000 });
    late.catch(() => undefined);
    await pass(1_000);
    await expect(late).rejects.toThrow(LockTimeoutError);
  });

  it('is told of at once, in our words, where nobody waits', async () => {
    const { permits } = away();
    const room = semaphore(permits, 'exports', 1);
    for (const now of [room.acquire({ wait: 0 }), room.tryRun(async () => 1)]) {
      await expect(now).rejects.toMatchObject({
        name: 'CacheConnectionError',
        key: 'exports',
        cause: { message: 'away' },
      });
    }
  });

  it('is not waited for where waiting does not help', async () => {
    const wrong = new CacheConfigError('a wrong name');
    const { permits } = start({ acquire: () => Promise.reject(wrong) });
    await expect(semaphore(permits, 'exports', 1).acquire({ wait: 5_000 })).rejects.toBe(wrong);
  });

  it('has what it granted too late given back', async () => {
    const released: string[] = [];
    const hold = gate();
    const { permits, pass } = start({
      acquire: async ({ ttl }) => {
        await hold.promise;
        return { granted: true, token: BigInt(ttl), sentAt: 0 };
      },
      release: async (name) => void released.push(name),
    });
    const late = semaphore(permits, 'exports', 1).acquire({ wait: 500 });
    late.catch(() => undefined);
    await pass(500);
    await expect(late).rejects.toThrow(LockTimeoutError);
    expect(released).toEqual([]);
    hold.open();
    await settle();
    expect(released).toEqual(['exports']);
  });
});

describe('a read/write lock', () => {
  it('lets many read, one write, and no reader pass a writer that waits', async () => {
    const { permits } = start();
    const { read, write } = readWriteLock(permits, 'prices');
    const readers = await Promise.all([read.acquire(), read.acquire()]);
    const writer = write.acquire({ wait: 60_000 });
    const late = read.acquire({ wait: 60_000 });
    await settle();
    expect(await read.tryRun(async () => 1)).toEqual({ ran: false });
    await readers[0]?.release();
    expect(await write.tryRun(async () => 1)).toEqual({ ran: false });
    await readers[1]?.release();
    const writing = await writer;
    expect(await read.tryRun(async () => 1)).toEqual({ ran: false });
    await writing.release();
    const reading = await late;
    expect(reading.token).toBeGreaterThan(writing.token);
    expect(await read.tryRun(async () => 1)).toMatchObject({ ran: true });
  });
});
