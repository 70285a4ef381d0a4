import { Cluster, Redis } from 'ioredis';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { CacheConfigError } from '../../../libs/cache/src/core/errors.js';
import { guardedSet } from '../../../libs/cache/src/drivers/redis/guards/guarded-set.js';
import { fenced } from '../../../libs/cache/src/drivers/sql/fenced.js';
import { SharedDatabase } from '../../support/demo/shared-database.js';

describe('a fenced row of PostgreSQL', () => {
  let database: SharedDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await SharedDatabase.start([]);
    await database.execute('CREATE TABLE accounts (id int PRIMARY KEY, balance int, fence bigint NOT NULL DEFAULT 0)');
    pool = new Pool({ connectionString: database.url, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database.stop();
  });

  /** Writes with its token, and says how many rows took it. */
  const write = async (id: number, balance: number, token: bigint) => {
    const fence = fenced(token, { parameter: 3 });
    const { rowCount } = await pool.query(
      `UPDATE accounts SET balance = $2, ${fence.set} WHERE id = $1 AND ${fence.where}`,
      [id, balance, fence.value],
    );
    return rowCount;
  };
  const row = async (id: number) =>
    (await pool.query('SELECT balance, fence FROM accounts WHERE id = $1', [id])).rows[0];
  const NOW = 1_900_000_000_000_001n;

  it('takes what holders write in turn, each as often as it likes', async () => {
    await pool.query('INSERT INTO accounts VALUES (1, 0)');
    expect(await write(1, 10, NOW)).toBe(1);
    expect(await write(1, 11, NOW)).toBe(1);
    expect(await write(1, 12, NOW + 1n)).toBe(1);
    expect(await row(1)).toEqual({ balance: 12, fence: String(NOW + 1n) });
  });

  it('refuses who lost its lock; without the fence it would be overwritten', async () => {
    await pool.query('INSERT INTO accounts VALUES (2, 0)');
    await write(2, 20, NOW + 1n);
    expect(await write(2, 10, NOW)).toBe(0);
    expect(await row(2)).toMatchObject({ balance: 20 });
    const { rowCount } = await pool.query('UPDATE accounts SET balance = $2 WHERE id = $1', [2, 10]);
    expect(rowCount).toBe(1);
  });
});

describe.each(['standalone', 'Cluster'] as const)('a guarded write on Redis %s', (place) => {
  const connect = () => {
    const { standalone, cluster } = inject('redis');
    const client = place === 'Cluster' ? new Cluster([...cluster]) : new Redis(standalone);
    onTestFinished(() => client.disconnect());
    const key = `app:lake:guarded:${process.pid}-${performance.now()}`;
    return { client, key, read: () => client.hget(key, 'value') };
  };

  it('passes for one holder again and again, and for a later one', async () => {
    const { client, key, read } = connect();
    expect(await guardedSet(client, { key, value: 'a', token: 5n })).toBe(true);
    expect(await guardedSet(client, { key, value: 'b', token: 5n })).toBe(true);
    expect(await guardedSet(client, { key, value: 'c', token: 10n })).toBe(true);
    expect(await read()).toBe('c');
    expect(await client.pttl(key)).toBe(-1);
  });

  it('is refused for an earlier one, by number and not by text', async () => {
    const { client, key, read } = connect();
    await guardedSet(client, { key, value: 'later', token: 1_900_000_000_000_010n });
    expect(await guardedSet(client, { key, value: 'earlier', token: 1_900_000_000_000_009n })).toBe(false);
    expect(await guardedSet(client, { key, value: 'earlier', token: 999n })).toBe(false);
    expect(await read()).toBe('later');
  });

  it('is kept as long as it is told', async () => {
    const { client, key } = connect();
    await guardedSet(client, { key, value: 'a', token: 1n, ttl: '10m' });
    expect(await client.pttl(key)).toBeGreaterThan(500_000);
    await guardedSet(client, { key, value: 'b', token: 1n });
    expect(await client.pttl(key)).toBe(-1);
  });

  it.each([
    [{ token: 1 as never }, '1 is no fencing token'],
    [{ token: 2n ** 53n }, 'is no fencing token'],
    [{ token: 1n, ttl: 0 }, 'a ttl of 0'],
    [{ token: 1n, ttl: 'soon' as never }, 'ttl of guardedSet: "soon"'],
  ])('refuses %o', async (write, message) => {
    const { client, key } = connect();
    const refused = guardedSet(client, { key, value: 'a', ...write });
    await expect(refused).rejects.toThrow(CacheConfigError);
    await expect(refused).rejects.toThrow(message);
    expect(await client.exists(key)).toBe(0);
  });
});
