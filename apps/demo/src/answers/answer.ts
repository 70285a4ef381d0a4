/**
 * Where the data of an answer came from.
 * - `database`: this call ran at least one SQL statement;
 * - `redis`: it ran none, and Redis had at least one of the values it needed;
 * - `joined`: neither, but it waited while another call for the same thing asked the database or Redis;
 * - `memory`: none of these.
 */
export type Source = 'memory' | 'joined' | 'redis' | 'database';

export interface Answer<Data> {
  readonly source: Source;
  /** time on the server, in milliseconds, without HTTP */
  readonly ms: number;
  /** SQL statements that this call ran */
  readonly queries: number;
  readonly data: Data;
}
