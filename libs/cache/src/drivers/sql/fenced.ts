import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';

/** Where the fence stands in a statement. */
export interface FencePlace {
  /** The number of the parameter that takes the token: 4 for `$4`. */
  readonly parameter: number;
  /** The column, `bigint NOT NULL DEFAULT 0`. Default `'fence'`. */
  readonly column?: string | undefined;
}

/** The parts of a fenced `UPDATE` in PostgreSQL. */
export interface Fenced {
  /** Belongs behind `SET`: the row remembers who wrote it. */
  readonly set: string;
  /** Belongs behind `WHERE … AND`: a row that a later holder has written stays as it is. */
  readonly where: string;
  /** The value of the parameter. */
  readonly value: string;
}

/** Of PostgreSQL's wire protocol. */
const MOST_PARAMETERS = 65_535;
/** PostgreSQL cuts longer names, and then they may mean another column. */
const LONGEST_NAME_BYTES = 63;
const LARGEST_BIGINT = 2n ** 63n - 1n;

/**
 * Makes a row refuse whoever lost its lock: a process that was paused for longer than its lock lasted does not know, and
 * goes on to write. Works with `pg`, TypeORM's `query` and Prisma's `$executeRawUnsafe`. When nothing was updated the row
 * is not there, or its fence is above the token: do not go on.
 *
 * Not `fence < token`: one holder may write a row twice.
 *
 * ```ts
 * const fence = fenced(lock.token, { parameter: 3 });
 * await pool.query(
 *   `UPDATE accounts SET balance = $2, ${fence.set} WHERE id = $1 AND ${fence.where}`,
 *   [id, balance, fence.value],
 * );
 * ```
 * @throws {CacheConfigError} for a token, parameter or column that cannot be one.
 */
export function fenced(token: bigint, { parameter, column = 'fence' }: FencePlace): Fenced {
  if (typeof token !== 'bigint' || token < 0n || token > LARGEST_BIGINT) {
    throw new CacheConfigError(`fenced: ${shown(token)} is no fencing token. Pass the token of a lock, a bigint.`);
  }
  if (!Number.isInteger(parameter) || parameter < 1 || parameter > MOST_PARAMETERS) {
    throw new CacheConfigError(
      `fenced: parameter ${shown(parameter)} is not the number of one. Write 4 for the parameter $4.`,
    );
  }
  const name = quoted(column);
  // As text, because drivers differ in what they make of a bigint.
  const value = `CAST($${parameter}::text AS bigint)`;
  return { set: `${name} = ${value}`, where: `${name} <= ${value}`, value: String(token) };
}

function quoted(column: string): string {
  const isName = typeof column === 'string' && column !== '' && !column.includes('\0');
  if (isName && new TextEncoder().encode(column).length <= LONGEST_NAME_BYTES)
    return `"${column.replaceAll('"', '""')}"`;
  throw new CacheConfigError(
    `fenced: column ${shown(column)} is no name of a column. Write its bare name, at most ${LONGEST_NAME_BYTES} bytes.`,
  );
}
