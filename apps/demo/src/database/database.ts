/** All the demo needs of a PostgreSQL. Both drivers run the same SQL. */
export interface Database {
  query<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** the database of the running demo, with the cities in it */
export const DATABASE = Symbol.for('demo:database');
