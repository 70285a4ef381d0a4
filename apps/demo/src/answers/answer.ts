/**
 * Where the data of an answer came from.
 * - `database`: this call ran at least one SQL statement;
 * - `joined`: it ran none, but waited while another call for the same thing ran one;
 * - `memory`: neither.
 */
export type Source = 'memory' | 'joined' | 'database';

export interface Answer<Data> {
  readonly source: Source;
  /** time on the server, in milliseconds, without HTTP */
  readonly ms: number;
  /** SQL statements that this call ran */
  readonly queries: number;
  readonly data: Data;
}
