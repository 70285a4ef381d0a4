import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { ClsPluginTransactional, Propagation, Transactional, TransactionHost } from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  afterCommit,
  CacheAside,
  CacheService,
  defineKey,
  Evict,
  runInCacheTransaction,
  WriteThrough,
} from '@datapunk/cache';
import { isShared } from '../../support/backends.js';
import { boot } from '../../support/boot.js';
import { gate } from '../../support/gate.js';
import { Postgres } from '../../support/postgres/postgres.js';
import { eventually, pause } from '../../support/redis/wait.js';
import { inTransaction, TransactionalPool } from '../../support/postgres/transactional-pool.js';

const townKey = defineKey('town:{id}').holds<string>();
/** One row a test. */
let id = 0;

let postgres: Postgres;
let pool: Pool;

beforeAll(async () => {
  postgres = await Postgres.start();
  pool = new Pool({ connectionString: postgres.url, max: 6 });
  // Sessions that the server ends because it is stopped.
  pool.on('error', () => undefined);
  await pool.query('CREATE TABLE towns (id int PRIMARY KEY, name text NOT NULL)');
});

afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

beforeEach(async () => {
  id += 1;
  await pool.query("INSERT INTO towns VALUES ($1, 'old')", [id]);
});

interface Step {
  readonly id: number;
  readonly name: string;
  /** Goes on after the save and before the commit. */
  readonly meanwhile?: () => Promise<void>;
}

/** Saves, tells the cache, and has something happen before the commit. */
type Way = 'delete' | 'expire' | 'set' | 'evict' | 'writeThrough' | 'cacheAside' | 'settled';

@Injectable()
class Towns {
  constructor(
    @Inject(TransactionHost) private readonly host: TransactionHost,
    private readonly cache: CacheService,
  ) {}

  /** What the code around sees. */
  find(at: number): Promise<string | null> {
    return this.cache.readThrough(townKey({ id: at }), () => this.select(at));
  }

  @Transactional()
  async change(way: Way, { id: at, name, meanwhile }: Step): Promise<void> {
    await this[way](at, name);
    await meanwhile?.();
  }

  async delete(at: number, name: string): Promise<void> {
    await this.update(at, name);
    await this.cache.delete(townKey({ id: at }));
  }

  async expire(at: number, name: string): Promise<void> {
    await this.update(at, name);
    await this.cache.expire(townKey({ id: at }));
  }

  async set(at: number, name: string): Promise<void> {
    await this.update(at, name);
    await this.cache.set(townKey({ id: at }), name);
  }

  @Evict('town:{0}')
  async evict(at: number, name: string): Promise<void> {
    await this.update(at, name);
  }

  @WriteThrough('town:{0}')
  async writeThrough(at: number, name: string): Promise<string> {
    await this.update(at, name);
    return name;
  }

  @CacheAside('town:{0}')
  async cacheAside(at: number, name: string): Promise<string> {
    await this.update(at, name);
    return name;
  }

  @WriteThrough('town:{result.id}', { version: 'result.version' })
  async settled(at: number, name: string): Promise<{ id: number; name: string; version: number }> {
    await this.update(at, name);
    return { id: at, name, version: 1 };
  }

  @Transactional(Propagation.Nested)
  async attempt(at: number, name: string): Promise<void> {
    await this.delete(at, name);
    throw new Error('not this one');
  }

  @Transactional(Propagation.RequiresNew)
  async apart(at: number, name: string): Promise<void> {
    await this.delete(at, name);
  }

  @Transactional()
  async within(work: () => Promise<void>): Promise<void> {
    await work();
  }

  @Transactional<never>({ isolation: 'REPEATABLE READ' } as never)
  async snapshot(work: () => Promise<void>): Promise<void> {
    await work();
  }

  async select(at: number): Promise<string | null> {
    const { rows } = await this.tx.query<{ name: string }>('SELECT name FROM towns WHERE id = $1', [at]);
    return rows[0]?.name ?? null;
  }

  async update(at: number, name: string): Promise<void> {
    await this.tx.query('UPDATE towns SET name = $2 WHERE id = $1', [at, name]);
  }

  private get tx(): Pick<Pool, 'query'> {
    return this.host.tx as unknown as Pick<Pool, 'query'>;
  }
}

type Order = 'after commit' | 'naive';

/** An application whose transactions tell the cache, or do not; and a reader: another process where there is a Redis. */
async function start(order: Order = 'after commit') {
  const plain = new TransactionalPool(pool);
  const adapter = (order === 'naive' ? plain : afterCommit(plain)) as never;
  const plugin = new ClsPluginTransactional({ adapter });
  const app = await boot([Towns], {}, { imports: [ClsModule.forRoot({ global: true, plugins: [plugin] })] });
  const readers = isShared ? await boot([]) : app;
  const cache = readers.get(CacheService);
  const outside = AsyncLocalStorage.snapshot();
  let loads = 0;
  const load = (): Promise<string | null> => {
    loads += 1;
    return committed(id);
  };
  /** What everybody else sees, over a session of its own; also when a transaction's own code asks for it. */
  const read = (): Promise<string | null> => outside(() => cache.readThrough(townKey({ id }), load));
  /** Another process may answer from its memory until the message comes; for ever it would be wrong. */
  const sees = (name: string) => eventually(`others read ${name}`, async () => (await read()) === name);
  /** What they have of it without asking the database. */
  const kept = (): Promise<string | null | undefined> => outside(() => cache.get(townKey({ id })));
  /** Has them keep what they load from now on. */
  const refill = async (): Promise<void> => {
    const before = loads;
    await eventually('it was loaded again and kept', async () => {
      await read();
      return loads > before && (await kept()) !== undefined;
    });
  };
  return { towns: app.get(Towns), cache: app.get(CacheService), read, sees, kept, refill };
}

async function committed(at: number): Promise<string | null> {
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM towns WHERE id = $1', [at]);
  return rows[0]?.name ?? null;
}

const WAYS: readonly Way[] = ['delete', 'expire', 'set', 'evict', 'writeThrough', 'cacheAside', 'settled'];

describe.each(WAYS)('%s inside a transaction', (way) => {
  it('is not outrun by a read between the save and the commit', async () => {
    const { towns, read, kept } = await start();
    expect(await read()).toBe('old');
    const meanwhile = async () => {
      await eventually('others have heard of it', async () => (await kept()) === undefined);
      expect(await read()).toBe('old');
      // Whoever may keep it has done so by then.
      await pause(20);
      expect(await kept()).toBeUndefined();
    };
    await towns.change(way, { id, name: 'new', meanwhile });
    expect(await read()).toBe('new');
    expect(await towns.find(id)).toBe('new');
  });

  it('leaves nothing behind after a rollback', async () => {
    const { towns, read } = await start();
    expect(await read()).toBe('old');
    const meanwhile = () => Promise.reject(new Error('no'));
    await expect(towns.change(way, { id, name: 'new', meanwhile })).rejects.toThrow('no');
    expect(await read()).toBe('old');
    expect(await towns.find(id)).toBe('old');
  });
});

describe('the naive order, as the control', () => {
  it.each(['delete', 'evict', 'expire'] as const)('%s: keeps the old value after the commit', async (way) => {
    const { towns, read, refill } = await start('naive');
    expect(await read()).toBe('old');
    await towns.change(way, { id, name: 'new', meanwhile: refill });
    expect(await committed(id)).toBe('new');
    expect(await read()).toBe('old');
  });

  it.each(['set', 'writeThrough', 'cacheAside'] as const)('%s: keeps what was rolled back', async (way) => {
    const { towns } = await start('naive');
    const meanwhile = () => Promise.reject(new Error('no'));
    await expect(towns.change(way, { id, name: 'new', meanwhile })).rejects.toThrow('no');
    expect(await committed(id)).toBe('old');
    expect(await towns.find(id)).toBe('new');
  });
});

describe('a read inside a transaction', () => {
  const dirty = async (order: Order) => {
    const { towns, read } = await start(order);
    let seen: string | null = '';
    const meanwhile = async () => {
      await towns.update(id, 'newer');
      seen = await towns.find(id);
      throw new Error('no');
    };
    await expect(towns.change('delete', { id, name: 'new', meanwhile })).rejects.toThrow('no');
    return { seen, after: await read() };
  };

  it('sees what its transaction wrote, and gives it to nobody', async () => {
    expect(await dirty('after commit')).toEqual({ seen: 'newer', after: 'old' });
  });

  it('is kept in the naive order, though it never came true', async () => {
    expect(await dirty('naive')).toEqual({ seen: 'newer', after: 'newer' });
  });

  it('goes past the cache for every key once something was written', async () => {
    const { towns, cache } = await start();
    await cache.set(townKey({ id: -id }), 'a list that was made of them');
    const meanwhile = async () => {
      expect(await cache.get(townKey({ id: -id }))).toBeUndefined();
      expect(await towns.find(-id)).toBeNull();
    };
    await towns.change('delete', { id, name: 'new', meanwhile });
    expect(await cache.get(townKey({ id: -id }))).toBe('a list that was made of them');
  });

  /** A transaction looks at the table; somebody else changes it; the transaction reads through the cache. */
  const old = async (order: Order) => {
    const { towns, read } = await start(order);
    let seen: string | null = '';
    await towns.snapshot(async () => {
      expect(await towns.select(id)).toBe('old');
      await inTransaction(pool, (client) => client.query("UPDATE towns SET name = 'new' WHERE id = $1", [id]));
      seen = await towns.find(id);
    });
    return { seen, after: await read() };
  };

  it('may be as old as its snapshot, and is not kept', async () => {
    expect(await old('after commit')).toEqual({ seen: 'old', after: 'new' });
  });

  it('is kept in the naive order, older than all that others know', async () => {
    expect(await old('naive')).toEqual({ seen: 'old', after: 'old' });
  });

  it('takes what is cached until something was written', async () => {
    const { towns, cache } = await start();
    await cache.set(townKey({ id }), 'cached');
    await towns.within(async () => expect(await towns.find(id)).toBe('cached'));
  });
});

describe('transactions within transactions', () => {
  it('closes a key until the outer one ends, also when a savepoint is rolled back', async () => {
    const { towns, read, sees } = await start();
    expect(await read()).toBe('old');
    const meanwhile = async () => {
      await expect(towns.attempt(id, 'other')).rejects.toThrow('not this one');
      expect(await read()).toBe('old');
    };
    await towns.change('delete', { id, name: 'new', meanwhile });
    await sees('new');
  });

  it('closes a key of a savepoint that is rolled back, when the outer one writes it later without a word', async () => {
    const { towns, read, sees } = await start();
    await towns.within(async () => {
      await expect(towns.attempt(id, 'other')).rejects.toThrow('not this one');
      await towns.update(id, 'new');
      expect(await read()).toBe('old');
    });
    await sees('new');
  });

  it('lets one of its own go out with its own commit', async () => {
    const { towns, cache, read, sees } = await start();
    expect(await read()).toBe('old');
    await towns.within(async () => {
      await towns.apart(id, 'new');
      await sees('new');
    });
    await eventually('it is kept', async () => (await cache.get(townKey({ id }))) === 'new');
  });
});

describe('runInCacheTransaction', () => {
  const rename = async (cache: CacheService, fails: boolean, between: () => Promise<void>) => {
    await runInCacheTransaction(() =>
      inTransaction(pool, async (client) => {
        await client.query("UPDATE towns SET name = 'new' WHERE id = $1", [id]);
        await cache.delete(townKey({ id }));
        await between();
        if (fails) throw new Error('no');
      }),
    );
  };

  it('does the same for a transaction made by hand', async () => {
    const { cache, read, sees } = await start('naive');
    expect(await read()).toBe('old');
    await rename(cache, false, async () => expect(await read()).toBe('old'));
    await sees('new');
  });

  it('waits for nobody who has to wait for the transaction', async () => {
    const { cache, towns } = await start('naive');
    const busy = gate();
    const key = townKey({ id });
    const other = cache.readThrough(key, () => busy.promise.then(() => 'other'));
    await runInCacheTransaction(async () => {
      expect(await cache.readThrough(key, () => towns.select(id))).toBe('old');
    });
    busy.open();
    expect(await other).toBe('other');
  });
});
