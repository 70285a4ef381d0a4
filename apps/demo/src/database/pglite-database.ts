import { PGlite } from '@electric-sql/pglite';
import type { Database } from './database.js';

/** PostgreSQL itself, compiled to WebAssembly, in this process and in memory. A query blocks the thread it runs on. */
export class PgliteDatabase implements Database {
  private readonly client = new PGlite();

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query<Row>(sql, [...parameters]);
    return rows;
  }

  async close(): Promise<void> {
    if (!this.client.closed) await this.client.close();
  }
}
