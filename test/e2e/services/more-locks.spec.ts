import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheEvents,
  type Leadership,
  LockService,
  LockTimeoutError,
  type Mandate,
} from '@datapunk/cache';
import { isShared } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { eventually, pause } from '../../support/redis/wait.js';

let names = 0;
const aName = () => `more-${process.pid}-${performance.timeOrigin}-${(names += 1)}`;

/** Two applications where they share what they lock, and one where they do not. */
async function applications() {
  const apps = [await boot([]), ...(isShared ? [await boot([])] : [])];
  const [one, other = one] = apps.map((app) => app.get(LockService));
  return { apps, one: one as LockService, other: other as LockService };
}

describe('a semaphore', () => {
  it('is shared by the applications', async () => {
    const { one, other } = await applications();
    const name = aName();
    const lock = await one.semaphore(name, { permits: 2 }).acquire();
    await one.semaphore(name, { permits: 2 }).acquire();
    const room = other.semaphore(name, { permits: 2 });
    expect(await room.tryRun(async () => 1)).toEqual({ ran: false });
    await expect(room.run(async () => 1, { wait: 50 })).rejects.toThrow(LockTimeoutError);
    const next = room.run(async ({ token }) => token, { wait: 20_000 });
    await pause(50);
    await lock.release();
    expect(await next).toBeGreaterThan(lock.token);
  });

  it('refuses numbers that are none', async () => {
    const { one } = await applications();
    expect(() => one.semaphore('exports', { permits: 0 })).toThrow(CacheConfigError);
    expect(() => one.semaphore('exports', { permits: 0 })).toThrow('permits of a semaphore: 0 is not');
  });
});

describe('a read/write lock', () => {
  it('lets applications read together and write alone', async () => {
    const { one, other } = await applications();
    const name = aName();
    const reading = await Promise.all([one.readWrite(name).read.acquire(), other.readWrite(name).read.acquire()]);
    expect(await other.readWrite(name).write.tryRun(async () => 1)).toEqual({ ran: false });
    const order: string[] = [];
    const writing = other.readWrite(name).write.run(async () => void order.push('write'), { wait: 20_000 });
    await pause(100);
    const late = one.readWrite(name).read.run(async () => void order.push('read'), { wait: 20_000 });
    await pause(50);
    expect(order).toEqual([]);
    for (const lock of reading) await lock.release();
    await Promise.all([writing, late]);
    expect(order).toEqual(['write', 'read']);
  });
});

describe('several names', () => {
  it('are held at once, with a token each', async () => {
    const { one, other } = await applications();
    const [a, b] = [aName(), aName()];
    const tokens = await one.runAll([b, a], async (held) => {
      expect(await other.tryRun(a, async () => 1)).toEqual({ ran: false });
      expect(await other.tryRun(b, async () => 1)).toEqual({ ran: false });
      return [held.token(a), held.token(b)];
    });
    expect(await other.run(a, async ({ token }) => token)).toBeGreaterThan(tokens[0] ?? 0n);
    expect(await other.run(b, async ({ token }) => token)).toBeGreaterThan(tokens[1] ?? 0n);
  });

  it('do not lock each other out, in whatever order they are named', async () => {
    const { one, other } = await applications();
    const some = [aName(), aName(), aName()];
    let ran = 0;
    const all = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? one : other).runAll(
        some.toSorted(() => (at % 3) - 1),
        async () => (ran += 1),
        { wait: 30_000 },
      ),
    );
    await Promise.all(all);
    expect(ran).toBe(20);
  });
});

describe('a leader', () => {
  it('is one of all, and hands over when its application shuts down', async () => {
    const { apps, one, other } = await applications();
    const name = aName();
    const mandates: Mandate[] = [];
    const lead = (mandate: Mandate) => {
      mandates.push(mandate);
      return new Promise<void>((resolve) => {
        mandate.signal.addEventListener('abort', () => resolve());
      });
    };
    const first = one.leader(name, lead);
    await eventually('somebody leads', () => first.isLeading);
    const second: Leadership = other.leader(name, lead);
    await pause(200);
    expect([first.isLeading, second.isLeading]).toEqual([true, false]);
    await (isShared ? apps[0]?.close() : first.stop());
    await eventually('the next one leads', () => second.isLeading, 2_000);
    expect(mandates).toHaveLength(2);
    expect(mandates[0]?.signal.aborted).toBe(true);
    expect(mandates[1]?.token).toBeGreaterThan(mandates[0]?.token ?? 0n);
    await second.stop();
    expect(second.isLeading).toBe(false);
  });

  it('tells why its work failed, and stands again', async () => {
    const { apps, one } = await applications();
    const failures: unknown[] = [];
    apps[0]?.get(CacheEvents).on('leader-failed', ({ error }) => failures.push(error));
    const again = gate();
    let runs = 0;
    const leading = one.leader(aName(), async () => {
      runs += 1;
      if (runs === 1) throw new Error('work');
      again.open();
    });
    await again.promise;
    expect(failures).toEqual([new Error('work')]);
    await leading.stop();
  });
});
