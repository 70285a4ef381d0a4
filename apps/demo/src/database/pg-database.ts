import { Pool } from 'pg';
import type { Database } from './database.js';

/** A PostgreSQL server, reached at DATABASE_URL. */
export class PgDatabase implements Database {
  private readonly pool: Pool;

  constructor(connectionString: string) {
    this.pool = new Pool({ connectionString, connectionTimeoutMillis: 5_000 });
    // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', () => {});
  }

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.pool.query<Row>(sql, [...parameters]);
    return rows;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
