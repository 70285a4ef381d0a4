import { Controller, Get, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import {
  CacheAside,
  CacheConfigError,
  CacheEvents,
  CacheService,
  Computed,
  DatapunkCacheModule,
  defineKey,
  Evict,
  ReadThrough,
  RequestCached,
  runInCacheContext,
  WriteThrough,
  type RequestSource,
} from '@datapunk/cache';
import { full } from '../../support/backends.js';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';
import { gate } from '../../support/gate.js';

const rowKey = defineKey('edge-row:{id}').holds<{ v: number }>({ version: (row) => row.v });

describe('on the real clock', () => {
  it('expire and the begin of a write are seen at once, however coarse the clock of hits', async () => {
    const cache = (await boot([])).get(CacheService);
    for (let round = 0; round < 200; round += 1) {
      await cache.set(`edge:${round}`, 1);
      await cache.get(`edge:${round}`);
      await cache.expire(`edge:${round}`);
      expect(await cache.get(`edge:${round}`)).toBeUndefined();
      await cache.set(`edge:${round}`, 'old');
      const [begun, held] = [gate(), gate()];
      const save = () => {
        begun.open();
        return held.promise;
      };
      const write = cache.writeThrough(`edge:${round}`, 'new', save);
      await begun.promise;
      expect(await cache.get(`edge:${round}`)).toBeUndefined();
      held.open();
      await write;
    }
  });
});

describe('a write with a version', () => {
  it('does not bring back what was deleted while it was saved', async () => {
    const cache = (await boot([])).get(CacheService);
    const held = gate();
    const key = rowKey({ id: 1 });
    const write = cache.writeThrough(key, { v: 2 }, () => held.promise);
    await cache.delete(key);
    held.open();
    await write;
    expect(await cache.get(key)).toBeUndefined();
  });

  it('does not outlive a save that failed after it may have changed the source', async () => {
    const cache = (await boot([])).get(CacheService);
    const [first, second] = [gate(), gate()];
    const key = rowKey({ id: 1 });
    const kept = cache.writeThrough(key, { v: 2 }, () => first.promise);
    const failing = cache.writeThrough(key, { v: 3 }, async () => {
      await second.promise;
      throw new Error('connection lost after commit');
    });
    second.open();
    await expect(failing).rejects.toThrow('connection lost');
    first.open();
    await kept;
    expect(await cache.get(key)).toBeUndefined();
  });
});

class Row {
  constructor(readonly id: number) {}
  get lazy(): unknown {
    throw new Error('relation not loaded');
  }
}

@Injectable()
class Writer {
  saves = 0;

  @WriteThrough('edge-w:{0}')
  async result(id: number): Promise<{ id: number }> {
    this.saves += 1;
    return { id };
  }

  @WriteThrough('edge-v:{0}', { value: '1', ttl: '1h' })
  async parameter(_id: number, _value: string): Promise<{ affected: number }> {
    this.saves += 1;
    return { affected: 1 };
  }

  @WriteThrough('edge-l:{0}', { value: 'result.lazy' } as never)
  async lazy(id: number): Promise<Row> {
    this.saves += 1;
    return new Row(id);
  }

  @WriteThrough('edge-s:{result.lazy}' as 'edge-s:{0}')
  async settled(id: number): Promise<Row> {
    this.saves += 1;
    return new Row(id);
  }

  @CacheAside('edge-a:{0}')
  async aside(id: number): Promise<number> {
    return id;
  }

  @ReadThrough('edge-r:{0}')
  async read(id: number): Promise<Row> {
    return new Row(id);
  }

  @Evict('edge-w:{0}', { when: 'before' })
  async failing(id: number, between: () => Promise<unknown>): Promise<void> {
    await between();
    throw new Error(`failed ${id}`);
  }
}

describe('a service that is spied on', () => {
  it('is given the value to cache, and the caller what the method returned', async () => {
    const app = await boot([Writer]);
    const [writer, cache] = [app.get(Writer), app.get(CacheService)];
    const spies = (['writeThrough', 'cacheAside', 'readThrough'] as const).map((name) => vi.spyOn(cache, name));
    expect(await writer.result(1)).toEqual({ id: 1 });
    expect(await writer.parameter(1, 'text')).toEqual({ affected: 1 });
    expect(await writer.aside(5)).toBe(5);
    expect(await writer.read(1)).toBeInstanceOf(Row);
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual([2, 1, 1]);
    expect(spies[0]?.mock.calls[1]?.[3]).toEqual({ ttl: '1h' });
    expect(await cache.get('edge-w:1')).toEqual({ id: 1 });
    expect(await cache.get('edge-v:1')).toBe('text');
    expect(await cache.get('edge-a:5')).toBe(5);
    expect(writer.saves).toBe(2);
  });
});

describe('a write whose result cannot be read', () => {
  it('does not fail after the save, keeps nothing, and says so', async () => {
    const app = await boot([Writer]);
    const told: string[] = [];
    app.get(CacheEvents).on('write-uncached', ({ key, error }) => told.push(`${key} ${error.code}`));
    app.get(CacheEvents).on('uncached', ({ method, error }) => told.push(`${method} ${error.code}`));
    expect(await app.get(Writer).lazy(1)).toBeInstanceOf(Row);
    expect(await app.get(Writer).settled(1)).toBeInstanceOf(Row);
    expect(told).toEqual([`${full('edge-l:1')} WRITE`, 'Writer.settled WRITE']);
    const cache = app.get(CacheService);
    expect(await cache.readThrough('edge-l:1', async () => 'free again')).toBe('free again');
    expect(await cache.get('edge-l:1')).toBe('free again');
  });
});

it('an eviction before a method that fails takes what was read in between as well', async () => {
  const app = await boot([Writer]);
  const cache = app.get(CacheService);
  await expect(app.get(Writer).failing(1, () => cache.set('edge-w:1', 'read in between'))).rejects.toThrow('failed 1');
  expect(await cache.get('edge-w:1')).toBeUndefined();
});

const itemKey = defineKey('edge-item:{id}').holds<{ id: number; more?: number }>();

class Base {
  @ReadThrough(itemKey)
  async find(id: number): Promise<{ id: number; more?: number }> {
    return { id };
  }
}

@Injectable()
class SameKey extends Base {
  @ReadThrough(itemKey)
  override async find(id: number): Promise<{ id: number; more?: number }> {
    return { ...(await super.find(id)), more: 1 };
  }
}

describe('a load that asks for its own key', () => {
  it('runs a decorated method bare: an override may call super under the same key', async () => {
    const app = await boot([SameKey]);
    expect(await app.get(SameKey).find(1)).toEqual({ id: 1, more: 1 });
    expect(await app.get(CacheService).get(itemKey({ id: 1 }))).toEqual({ id: 1, more: 1 });
  });

  it('is refused at once in a service, also through another loader', async () => {
    const cache = (await boot([])).get(CacheService);
    const circle = runInCacheContext({}, () =>
      cache.readThrough('edge-a:1', () =>
        cache.readThrough('edge-b:1', () => cache.readThrough('edge-a:1', async () => 'never')),
      ),
    );
    await expect(circle).rejects.toThrow(CacheConfigError);
    await expect(circle).rejects.toThrow(`asks for '${full('edge-a:1')}' itself`);
  });

  it('ends with its hard timeout where no request and no method could be followed', async () => {
    const cache = (await boot([])).get(CacheService);
    const options = { loadTimeout: { hard: '10ms' } } as const;
    const circle = cache.readThrough('edge-a:1', () => cache.readThrough('edge-a:1', async () => 'never'), options);
    await expect(circle).rejects.toThrow(/took longer than 10 ms.* or see whether it asks for its own key/);
  });

  it('is not mistaken for one that comes after the first is done', async () => {
    const cache = (await boot([])).get(CacheService);
    let later: Promise<unknown> = Promise.resolve();
    const held = gate();
    await cache.readThrough('edge-a:1', async () => {
      later = held.promise.then(() => cache.readThrough('edge-a:1', async () => 'second'));
      return 'first';
    });
    await cache.delete('edge-a:1');
    held.open();
    expect(await later).toBe('second');
  });
});

/** No instance of our `Promise`: what Jest's sandboxes and query builders give. */
const promiseOfAnotherRealm = runInNewContext('(value) => Promise.resolve(value)') as <T>(value: T) => Promise<T>;

@Injectable()
class Session {
  runs = 0;
  @RequestCached({ key: 'edge-user:{0}' }) async find(id: string): Promise<string> {
    return `user ${id} ${++this.runs}`;
  }
  @RequestCached({ key: 'edge-user:{0}' }) async rights(id: string): Promise<string> {
    return `rights ${id} ${++this.runs}`;
  }
  @Computed() thenable(id: number): Promise<Map<string, number>> {
    this.runs += 1;
    return promiseOfAnotherRealm(new Map([['id', id]]));
  }
}

describe('kept results', () => {
  it('belong to their method, also with a key', async () => {
    const session = (await boot([Session])).get(Session);
    await runInCacheContext({}, async () => {
      expect(await session.find('1')).toBe('user 1 1');
      expect(await session.rights('1')).toBe('rights 1 2');
      expect(await session.find('1')).toBe('user 1 1');
    });
  });

  it('run uncached for an argument no key can hold, also one that is too long', async () => {
    const session = (await boot([Session])).get(Session);
    await runInCacheContext({}, async () => {
      await session.find('x'.repeat(600));
      await session.find('x'.repeat(600));
    });
    expect(session.runs).toBe(2);
  });

  it('come from thenables too, and callers who wait together share nothing they could change', async () => {
    const session = (await boot([Session])).get(Session);
    const [one, two] = await Promise.all([session.thenable(1), session.thenable(1)]);
    expect(session.runs).toBe(1);
    one.set('id', 9);
    expect(two.get('id')).toBe(1);
    expect((await session.thenable(1)).get('id')).toBe(1);
  });
});

describe('an instance that outlives its application', () => {
  it('is served by the next one', async () => {
    class Shared {
      runs = 0;
      @ReadThrough('edge-shared:{0}') async find(id: number): Promise<number> {
        this.runs += 1;
        return id;
      }
    }
    const value = new Shared();
    const first = await boot([{ provide: 'shared', useValue: value }]);
    await value.find(1);
    await first.close();
    const second = await boot([{ provide: 'shared', useValue: value }]);
    await second.get(CacheService).delete('edge-shared:1');
    await value.find(1);
    expect(await second.get(CacheService).get('edge-shared:1')).toBe(1);
    await value.find(1);
    expect(value.runs).toBe(2);
  });
});

@Injectable()
class Tenants {
  @ReadThrough('edge-tenant:{@tenant}') async name(): Promise<string> {
    return Math.random().toString();
  }
}

@Controller()
class Nested {
  constructor(private readonly tenants: Tenants) {}
  @Get('name') name(): Promise<string> {
    return this.tenants.name();
  }
  @Get('outer') async outer(): Promise<string[]> {
    const inner = await nestedApp?.inject({ url: '/name', headers: { 'x-tenant': 'inner' } });
    return [await this.tenants.name(), inner?.body ?? ''];
  }
}
let nestedApp: NestFastifyApplication | undefined;

it('a request made inside a request has a context of its own', async () => {
  const tenant = (source: RequestSource | undefined) =>
    (source?.request as { headers?: Record<string, string> } | undefined)?.headers?.['x-tenant'];
  const root = rootModule({ controllers: [Nested], providers: [Tenants] }, { context: { tenant } });
  const options = { logger: false as const, abortOnError: false };
  nestedApp = closeAfterwards(await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), options));
  await nestedApp.init();
  const [outer, inner] = (
    await nestedApp.inject({ url: '/outer', headers: { 'x-tenant': 'outer' } })
  ).json() as string[];
  expect(outer).not.toBe(inner);
  expect((await nestedApp.inject({ url: '/name', headers: { 'x-tenant': 'inner' } })).body).toBe(inner);
});

it('a crowd shares nothing it could change, from the first stampede on', async () => {
  const cache = (await boot([])).get(CacheService);
  const held = gate();
  const callers = Array.from({ length: 200 }, () =>
    cache.readThrough('edge-crowd:1', async () => {
      await held.promise;
      return { at: new Date(0) };
    }),
  );
  held.open();
  expect(new Set((await Promise.all(callers)).map(({ at }) => at)).size).toBe(200);
});

it('a named cache may be imported twice under the same rules', async () => {
  const imports = [
    DatapunkCacheModule.forFeature('edge', { entities: ['edge', 'edge'], ttl: '1m' }),
    DatapunkCacheModule.forFeature('edge', { entities: ['edge'], ttl: '1m' }),
  ];
  expect((await boot([], {}, { imports })).get(CacheService)).toBeDefined();
});

it('a context value of null is none', async () => {
  const app = await boot([Tenants], { context: { tenant: () => undefined } });
  await expect(runInCacheContext({ tenant: null as never }, () => app.get(Tenants).name())).rejects.toMatchObject({
    code: 'KEY_CONTEXT',
  });
});
