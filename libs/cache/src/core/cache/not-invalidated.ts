import { CacheWriteError } from '../errors.js';

/** What a caller is told whose keys could be neither invalidated nor queued for it. */
export function notInvalidated(keys: readonly string[]): CacheWriteError {
  const [key = ''] = keys;
  const others = keys.length === 1 ? '' : ` and ${keys.length - 1} more`;
  return new CacheWriteError(
    `'${key}'${others} could not be invalidated in Redis, and the queue for that is full. What Redis holds stays until it ends: try again when it answers.`,
    { key, layer: 'shared' },
  );
}
