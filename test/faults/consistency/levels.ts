import { CacheConsistencyError, type CacheService } from '@datapunk/cache';
import type { Content, Outcome, Value } from '../../support/consistency/operation.js';
import type { RegisterClient } from './register-client.js';

/** How a client reads and writes: straight at the source, or through the cache at a level of consistency. */
export interface Way {
  read(key: string): Promise<Content>;
  write(key: string, content: Value): Promise<unknown>;
  /** What an error says of a write. */
  outcomeOf(error: unknown): Outcome;
}

const isUnknown = (): Outcome => 'unknown';

function through(cache: CacheService, source: RegisterClient, level: 'strict' | 'eventual'): Omit<Way, 'outcomeOf'> {
  const options = { level };
  return {
    read: (key) => cache.readThrough<Content, Content>(key, () => source.read(key), options),
    write: (key, content) =>
      cache.writeThrough<Content, Value>(key, content, () => source.write(key, content), options),
  };
}

export const LEVELS = {
  source: (_cache: CacheService, source: RegisterClient): Way => ({
    read: (key) => source.read(key),
    write: (key, content) => source.write(key, content),
    outcomeOf: isUnknown,
  }),
  eventual: (cache: CacheService, source: RegisterClient): Way => ({
    ...through(cache, source, 'eventual'),
    outcomeOf: isUnknown,
  }),
  strict: (cache: CacheService, source: RegisterClient): Way => ({
    ...through(cache, source, 'strict'),
    outcomeOf: (error) =>
      error instanceof CacheConsistencyError && error.outcome === 'rejected' ? 'failed' : 'unknown',
  }),
} as const;

export type Level = keyof typeof LEVELS;
