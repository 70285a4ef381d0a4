import { CacheConnectionError, CacheError } from '../errors.js';

/** What a driver throws when a lock is asked for, in our words. */
export function told(name: string, error: unknown): CacheError {
  if (error instanceof CacheError) return error;
  const message = `The lock '${name}' could not be asked for and the work did not run: ${error instanceof Error ? error.message : String(error)}.`;
  return new CacheConnectionError(message, { key: name, cause: error });
}
