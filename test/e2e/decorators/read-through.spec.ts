import { Injectable } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CacheEvents,
  CacheKeyError,
  CacheService,
  CacheTimeoutError,
  currentLoad,
  defineKey,
  ReadThrough,
  runInCacheContext,
} from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot } from '../../support/boot.js';

interface User {
  id: number;
  name: string;
}

class Customer {
  constructor(
    readonly id: number,
    readonly name: string,
  ) {}

  greeting(): string {
    return `Hello ${this.name}`;
  }
}

const customerKey = defineKey('customer:{id}').holds<Customer | null>({ as: Customer });

@Injectable()
class Users {
  readonly runs: string[] = [];
  answer: unknown = undefined;

  @ReadThrough('user:{0}')
  async find(id: number): Promise<User | null> {
    this.runs.push(`find ${id}`);
    return id === 0 ? null : { id, name: `user ${id}` };
  }

  @ReadThrough('any:{0}')
  async any(id: string): Promise<unknown> {
    this.runs.push(`any ${id}`);
    await Promise.resolve();
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }

  @ReadThrough('slow:{0}', { loadTimeout: { hard: '20ms' } })
  async slow(id: number): Promise<string> {
    this.runs.push(`slow ${id}`);
    const { signal } = currentLoad() ?? {};
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    this.runs.push('aborted');
    return 'late';
  }

  @ReadThrough('tenant:{@tenant},{0}')
  async ofTenant(id: number): Promise<string> {
    this.runs.push(`ofTenant ${id}`);
    return `value ${this.runs.length}`;
  }

  @ReadThrough(customerKey)
  async customer(id: number): Promise<Customer | null> {
    this.runs.push(`customer ${id}`);
    return new Customer(id, 'Ada');
  }

  @ReadThrough('raw:{0}')
  async unrevivable(id: number): Promise<Customer> {
    this.runs.push(`unrevivable ${id}`);
    return new Customer(id, 'Bob');
  }

  @ReadThrough('seen:{0}')
  async seen(id: number): Promise<unknown> {
    const load = currentLoad();
    await Promise.resolve();
    return { id, key: currentLoad()?.key, same: load === currentLoad(), left: (load?.deadline ?? 0) > Date.now() };
  }
}

describe('@ReadThrough', () => {
  const start = async () => {
    const app = await boot([Users], { context: { tenant: () => undefined } });
    return { app, users: app.get(Users), cache: app.get(CacheService) };
  };

  it('runs the method once and answers from the cache afterwards', async () => {
    const { users, cache } = await start();
    expect(await users.find(1)).toEqual({ id: 1, name: 'user 1' });
    expect(await users.find(1)).toEqual({ id: 1, name: 'user 1' });
    expect(users.runs).toEqual(['find 1']);
    expect(await cache.get('user:1')).toEqual({ id: 1, name: 'user 1' });
    expect(await cache.get(full('user:1'))).toEqual({ id: 1, name: 'user 1' });
  });

  it.each([null, 0, '', false, { empty: undefined }])('keeps %j, which is a value', async (answer) => {
    const { users } = await start();
    users.answer = answer;
    await users.any('a');
    expect(await users.any('a')).toEqual(answer);
    expect(users.runs).toHaveLength(1);
  });

  it('does not keep undefined, and says so', async () => {
    const { app, users } = await start();
    const told: unknown[] = [];
    app.get(CacheEvents).on('not-stored', (event) => told.push(event));
    await users.any('u');
    expect(await users.any('u')).toBeUndefined();
    expect(users.runs).toHaveLength(2);
    expect(told[0]).toEqual({ type: 'not-stored', key: full('any:u'), reason: 'undefined' });
  });

  it('passes the method’s own error to every caller unchanged, runs it once and keeps nothing', async () => {
    const { users } = await start();
    const error = new Error('the database is away');
    users.answer = error;
    const outcomes = await Promise.allSettled([users.any('e'), users.any('e'), users.any('e')]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === error)).toEqual([
      true,
      true,
      true,
    ]);
    expect(users.runs).toHaveLength(1);
    users.answer = 'back';
    expect(await users.any('e')).toBe('back');
  });

  it('runs the method once for concurrent callers', async () => {
    const { users } = await start();
    users.answer = { shared: true };
    await Promise.all(Array.from({ length: 100 }, () => users.any('s')));
    expect(users.runs).toHaveLength(1);
  });

  it('hands out what cannot change the cache', async () => {
    const { users } = await start();
    users.answer = { at: new Date(0), tags: new Set(['a']), list: [{ deep: 1 }] };
    const [first, second] = (await Promise.all([users.any('m'), users.any('m')])) as any[];
    expect(() => (first.list[0].deep = 2)).toThrow(TypeError);
    first.at.setTime(5);
    first.tags.add('b');
    expect(second).toEqual({ at: new Date(0), tags: new Set(['a']), list: [{ deep: 1 }] });
    expect(await users.any('m')).toEqual({ at: new Date(0), tags: new Set(['a']), list: [{ deep: 1 }] });
    expect((users.answer as any).list[0].deep).toBe(1);
    expect(Object.isFrozen(users.answer)).toBe(false);
  });

  it('aborts a load that takes too long and tells the caller', async () => {
    const { users } = await start();
    await expect(users.slow(1)).rejects.toThrow(CacheTimeoutError);
    await expect(users.slow(1)).rejects.toMatchObject({ status: 503, statusCode: 503, expose: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(users.runs).toContain('aborted');
  });

  it('shows the load to the method and what it awaits', async () => {
    const { users } = await start();
    expect(await users.seen(7)).toEqual({ id: 7, key: full('seen:7'), same: true, left: true });
    expect(currentLoad()).toBeUndefined();
  });

  it('runs uncached for a value that no key can hold, and says so', async () => {
    const { app, users } = await start();
    const told: unknown[] = [];
    app.get(CacheEvents).on('uncached', ({ method, error }) => told.push([method, error.code]));
    await users.find(Number.NaN);
    await users.find(Number.NaN);
    await users.any('x'.repeat(600));
    expect(users.runs).toHaveLength(3);
    expect(told).toEqual([
      ['Users.find', 'KEY_VALUE'],
      ['Users.find', 'KEY_VALUE'],
      ['Users.any', 'KEY_TOO_LONG'],
    ]);
  });

  it('never shares a key whose context value is missing', async () => {
    const { users } = await start();
    await expect(users.ofTenant(1)).rejects.toThrow(CacheKeyError);
    await expect(users.ofTenant(1)).rejects.toThrow(/\{@tenant\} has no value/);
    expect(users.runs).toEqual([]);
    const a = await runInCacheContext({ tenant: 'a' }, () => users.ofTenant(1));
    const b = await runInCacheContext({ tenant: 'b' }, () => users.ofTenant(1));
    expect([a, b]).toEqual(['value 1', 'value 2']);
    expect(await runInCacheContext({ tenant: 'a' }, () => users.ofTenant(1))).toBe('value 1');
  });

  it('revives class instances on hit and miss alike', async () => {
    const { users, cache } = await start();
    const first = await users.customer(1);
    const second = await users.customer(1);
    expect([first?.greeting(), second?.greeting()]).toEqual(['Hello Ada', 'Hello Ada']);
    expect(users.runs).toHaveLength(1);
    expect(await cache.get(customerKey({ id: 1 }))).toBeInstanceOf(Customer);
  });

  it('returns a class instance without `as` uncached and names class and remedy', async () => {
    const { app, users, cache } = await start();
    const told: string[] = [];
    app.get(CacheEvents).on('uncached', ({ error }) => told.push(error.message));
    expect((await users.unrevivable(1)).greeting()).toBe('Hello Bob');
    expect((await users.unrevivable(1)).greeting()).toBe('Hello Bob');
    expect(users.runs).toHaveLength(2);
    expect(told[0]).toMatch(/Customer/);
    expect(told[0]).toMatch(/as: Customer/);
    expect(await cache.get('raw:1')).toBeUndefined();
  });
});
