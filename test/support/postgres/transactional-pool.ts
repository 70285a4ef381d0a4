import type { Pool, PoolClient } from 'pg';

/** What a statement runs on. */
export type Queryable = Pick<Pool, 'query'>;

export interface PoolOptions {
  /** Default: PostgreSQL's own, READ COMMITTED. */
  readonly isolation?: 'REPEATABLE READ' | 'SERIALIZABLE';
}

type Work = () => Promise<unknown>;
type Tell = (client?: PoolClient) => void;

/** Transactions of `pg`, as the adapters of @nestjs-cls/transactional make them: nested ones are savepoints. */
export class TransactionalPool {
  readonly connection: Pool;

  constructor(pool: Pool) {
    this.connection = pool;
  }

  readonly optionsFactory = (pool: Pool) => ({
    wrapWithTransaction: (options: PoolOptions | undefined, work: Work, tell: Tell) =>
      inTransaction(
        pool,
        (client) => {
          tell(client);
          return work();
        },
        options,
      ),
    wrapWithNestedTransaction: async (_options: unknown, work: Work, tell: Tell, client: PoolClient) => {
      await client.query('SAVEPOINT inner_one');
      tell(client);
      try {
        const result = await work();
        await client.query('RELEASE SAVEPOINT inner_one');
        return result;
      } catch (error) {
        await client.query('ROLLBACK TO SAVEPOINT inner_one');
        throw error;
      }
    },
    getFallbackInstance: (): Queryable => pool,
  });
}

/** What Knex, TypeORM and the others call `transaction`: commits what resolves, rolls back what throws. */
export async function inTransaction<R>(
  pool: Pool,
  work: (client: PoolClient) => Promise<R>,
  { isolation }: PoolOptions = {},
): Promise<R> {
  const client = await pool.connect();
  try {
    await client.query(isolation === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolation}`);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
