import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import {
  CacheConfigError,
  CacheService,
  currentLock,
  Evict,
  Locked,
  LockService,
  LockTimeoutError,
  ReadThrough,
  runInCacheContext,
  WriteThrough,
  type Lock,
} from '@datapunk/cache';
import { boot, closeAfterwards } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

@Injectable()
class Cities {
  readonly done: string[] = [];
  readonly seen: (Lock | undefined)[] = [];
  hold: Promise<unknown> = Promise.resolve();
  running = 0;
  most = 0;

  @Locked('city:{0.id}')
  async update(city: { id: number }, what: string): Promise<string> {
    await this.#work(what);
    return what + String(city.id);
  }

  @Locked('city:{0}', { wait: '100ms' })
  async hurried(_id: number): Promise<void> {
    await this.#work('hurried');
  }

  @Locked('nightly', { ifBusy: 'skip' })
  async nightly(): Promise<string | undefined> {
    await this.#work('nightly');
    return 'ran';
  }

  @Locked('hourly', { ifBusy: 'skip', atLeast: '60s' })
  async hourly(): Promise<void> {
    await this.#work('hourly');
  }

  @ReadThrough('town:{0}')
  @Locked('town:{0}')
  async find(id: number): Promise<number> {
    await this.#work('find');
    return id;
  }

  @WriteThrough('town:{0}')
  @Locked('town:{0}')
  async save(id: number): Promise<number> {
    await this.#work('save');
    return id;
  }

  @Evict('town:{0}')
  @Locked('town:{0}')
  async remove(_id: number): Promise<void> {
    await this.#work('remove');
  }

  @Locked('user:{@user}')
  async mine(): Promise<string | undefined> {
    return currentLock()?.name;
  }

  @Locked('outer')
  async outer(): Promise<string> {
    return this.inner();
  }

  @Locked('inner')
  async inner(): Promise<string> {
    return String(currentLock()?.name);
  }

  @Locked('self')
  async self(): Promise<void> {
    await this.self();
  }

  async #work(what: string): Promise<void> {
    this.seen.push(currentLock());
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await this.hold;
    this.running -= 1;
    this.done.push(what);
  }
}

async function start() {
  const app = await boot([Cities]);
  return { app, cities: app.get(Cities), locks: app.get(LockService), cache: app.get(CacheService) };
}

describe('@Locked', () => {
  it('runs one call at a time, in the order they came, with rising tokens', async () => {
    const { cities } = await start();
    const calls = ['a', 'b', 'c', 'd'].map((what) => cities.update({ id: 1 }, what));
    expect(await Promise.all(calls)).toEqual(['a1', 'b1', 'c1', 'd1']);
    expect(cities.most).toBe(1);
    expect(cities.done).toEqual(['a', 'b', 'c', 'd']);
    const tokens = cities.seen.map((lock) => lock?.token ?? 0n);
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(tokens).size).toBe(4);
    expect(cities.seen.map((lock) => lock?.name)).toEqual(Array.from({ length: 4 }, () => 'city:1'));
  });

  it('lets calls of other names run beside', async () => {
    const { cities } = await start();
    const held = gate();
    cities.hold = held.promise;
    const calls = [1, 2, 3].map((id) => cities.update({ id }, 'x'));
    await expect.poll(() => cities.running).toBe(3);
    held.open();
    await Promise.all(calls);
  });

  it('takes the lock that a service takes under the same name', async () => {
    const { cities, locks } = await start();
    const lock = await locks.acquire('city:1');
    await expect(cities.hurried(1)).rejects.toBeInstanceOf(LockTimeoutError);
    await lock.release();
    await cities.hurried(1);
    expect(cities.done).toEqual(['hurried']);
  });

  it('skips a call where somebody is at it', async () => {
    const { cities } = await start();
    const held = gate();
    cities.hold = held.promise;
    const first = cities.nightly();
    await expect.poll(() => cities.running).toBe(1);
    expect(await cities.nightly()).toBeUndefined();
    held.open();
    expect(await first).toBe('ran');
    expect(await cities.nightly()).toBe('ran');
    expect(cities.done).toEqual(['nightly', 'nightly']);
  });

  it('stays taken for at least as long as asked', async () => {
    const { cities } = await start();
    await cities.hourly();
    await cities.hourly();
    expect(cities.done).toEqual(['hourly']);
  });

  it('is taken for a load, and not for a hit', async () => {
    const { cities, locks } = await start();
    await cities.find(1);
    const lock = await locks.acquire('town:1');
    expect(await cities.find(1)).toBe(1);
    expect(cities.done).toEqual(['find']);
    await lock.release();
  });

  it('is held around a write and its evictions', async () => {
    const { cities, locks, cache } = await start();
    const lock = await locks.acquire('town:1');
    const saving = cities.save(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(cities.done).toEqual([]);
    await lock.release();
    expect(await saving).toBe(1);
    expect(await cache.get('town:1')).toBe(1);
    await cities.remove(1);
    expect(await cache.get('town:1')).toBeUndefined();
    expect(cities.seen.every((seen) => seen?.name === 'town:1')).toBe(true);
  });

  it('takes its name from the request, and nests', async () => {
    const { cities } = await start();
    expect(await runInCacheContext({ user: 'a b:c' }, () => cities.mine())).toBe('user:a%20b%3Ac');
    expect(await cities.outer()).toBe('inner');
    expect(currentLock()).toBeUndefined();
  });

  it('refuses a call that would wait for itself', async () => {
    const { cities } = await start();
    await expect(cities.self()).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining("'self'") });
  });

  it('passes on what the method throws, and is free again', async () => {
    const { cities } = await start();
    const error = new Error('work');
    cities.hold = Promise.reject(error);
    cities.hold.catch(() => undefined);
    await expect(cities.update({ id: 1 }, 'x')).rejects.toBe(error);
    cities.hold = Promise.resolve();
    await cities.update({ id: 1 }, 'y');
  });

  it('refuses to run where the module was forgotten, and runs bare where no Nest is', async () => {
    class Forgotten {}
    Module({ providers: [Cities] })(Forgotten);
    const app = closeAfterwards(await NestFactory.createApplicationContext(Forgotten, { logger: false }));
    const cities = app.get(Cities);
    for (let call = 0; call < 2; call += 1) expect(() => cities.update({ id: 1 }, 'x')).toThrow(CacheConfigError);
    expect(() => cities.update({ id: 1 }, 'x')).toThrow(/Cities\.update has @Locked.*forRoot/);
    expect(await new Cities().update({ id: 1 }, 'x')).toBe('x1');
  });
});

describe('a wrong @Locked', () => {
  const booted = async (decorate: () => unknown): Promise<unknown> =>
    (async () => boot([decorate() as never]))().then(
      () => undefined,
      (reason: unknown) => reason,
    );

  it.each<[string, () => unknown, RegExp]>([
    ['option', () => withOptions({ tll: 1 }), /Jobs\.run.*tll.*ttl/],
    ['ttl', () => withOptions({ ttl: 100 }), /Jobs\.run.*100.*at least 200/],
    ['wait', () => withOptions({ wait: 'soon' }), /Jobs\.run.*soon/],
    ['ifBusy', () => withOptions({ ifBusy: 'queue' }), /Jobs\.run.*'wait' or 'skip'/],
    ['name', () => withName('jobs:{nobody}'), /Jobs\.run.*\{nobody\} is no place/],
    ['empty segment', () => withName('jobs::x'), /Jobs\.run.*segment is empty/],
    ['result', () => withName('jobs:{result.id}'), /Jobs\.run.*before the call/],
    ['context', () => withName('jobs:{@tenant}'), /Jobs\.run.*\{@tenant\}/],
  ])('fails the boot: %s', async (_, decorate, message) => {
    const error = await booted(decorate);
    expect(error).toBeInstanceOf(CacheConfigError);
    expect((error as Error).message).toMatch(message);
  });

  it('fails when it stands twice', () => {
    expect(() => {
      class Twice {
        @Locked('a')
        @Locked('b')
        async run(): Promise<void> {}
      }
      return Twice;
    }).toThrow(/Twice\.run: two @Locked/);
  });
});

function withOptions(options: object): unknown {
  class Jobs {
    @Locked('jobs', options as never)
    async run(): Promise<void> {}
  }
  return Injectable()(Jobs) ?? Jobs;
}

function withName(name: string): unknown {
  class Jobs {
    @Locked(name as never)
    async run(): Promise<void> {}
  }
  return Injectable()(Jobs) ?? Jobs;
}
