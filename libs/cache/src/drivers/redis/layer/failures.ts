import { CacheReadError, CacheTimeoutError, CacheWriteError, type CacheError } from '../../../core/errors.js';
import { NotAnswering, NotReady } from '../calls/not-ready.js';
import { NoReplicas, Unconfirmed } from '../confirmed/unconfirmed.js';
import { failureOf } from '../failure.js';

/** What the caller of a read gets. */
export function readFailure(key: string, error: unknown): CacheError {
  return failure(key, error, {
    said: 'could not be read from Redis',
    make: (message, details) => new CacheReadError(message, details),
  });
}

/** What the caller of a change gets. It may have happened: a connection that breaks takes the answer with it. */
export function writeFailure(key: string, error: unknown): CacheError {
  return failure(key, error, {
    said: 'may not have been changed in Redis',
    make: (message, details) => new CacheWriteError(message, details),
  });
}

interface Kind {
  readonly said: string;
  readonly make: (message: string, details: { key: string; layer: 'shared'; cause?: unknown }) => CacheError;
}

function failure(key: string, error: unknown, { said, make }: Kind): CacheError {
  const details = { key, layer: 'shared' } as const;
  if (error instanceof CacheTimeoutError) return new CacheTimeoutError(`'${key}' ${said}: ${error.message}`, details);
  if (error instanceof NotReady) {
    return make(`'${key}': Redis is away, so nothing was sent. It is connected anew by itself.`, details);
  }
  if (error instanceof NotAnswering) {
    return make(`'${key}': Redis has not answered lately, so nothing was sent. It is asked again by itself.`, details);
  }
  if (error instanceof Unconfirmed) return make(`'${key}' ${said}: ${error.message}.`, { ...details, cause: error });
  if (error instanceof NoReplicas) return make(`'${key}' ${said}: ${error.message}. Add a replica.`, details);
  const { code, what, remedy, cause } = failureOf(error);
  const why = code === 'UNKNOWN' ? what : `${code}, ${what}`;
  return make(`'${key}' ${said}: ${why}. Try again; if it stays so, ${remedy}.`, { ...details, cause });
}
