import { CacheConsistencyError } from '../errors.js';

/** What a strict read comes to that nobody confirmed. */
export function unread(key: string, cause: unknown): CacheConsistencyError {
  return failed(`Nothing was read under level 'strict': ${reason(cause)} Ask the source itself if you cannot wait.`, {
    outcome: 'rejected',
    key,
    cause,
  });
}

/** What a strict write comes to whose beginning nobody confirmed. */
export function rejected(key: string, cause: unknown): CacheConsistencyError {
  return failed(
    `Nothing was saved: others could not be told of it for certain, as level 'strict' asks. ${reason(cause)} Try again.`,
    { outcome: 'rejected', key, cause },
  );
}

/** What a strict change comes to that was made, as far as this process knows, and that nobody confirmed. */
export function unknown(key: string, cause: unknown): CacheConsistencyError {
  return failed(
    `It was changed, but nobody can say whether every process will see that, as level 'strict' asks. ${reason(cause)} What the cache holds of the key is removed as soon as that can be done: read it, or write it again.`,
    { outcome: 'unknown', key, cause },
  );
}

interface Failed {
  readonly outcome: CacheConsistencyError['outcome'];
  readonly key: string;
  readonly cause: unknown;
}

function failed(message: string, { outcome, key, cause }: Failed): CacheConsistencyError {
  return new CacheConsistencyError(message, outcome, { key, layer: 'shared', cause });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
