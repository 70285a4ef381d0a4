import { CacheConfigError } from '../../core/errors.js';

/** What redlock 5 asks of a client, of ioredis 4 by its types: our own servers give just that. */
export interface RedlockClient {
  evalsha(hash: string, count: number, keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(source: string, count: number, keysAndArgs: (string | number)[]): Promise<unknown>;
}

/** How each server voted. */
export interface RedlockStats {
  readonly votesAgainst: ReadonlyMap<RedlockClient, Error>;
}

export interface RedlockLock {
  /** By the wall clock. */
  readonly expiration: number;
  extend(duration: number): Promise<RedlockLock>;
  release(): Promise<unknown>;
}

export interface RedlockClass {
  new (
    clients: readonly RedlockClient[],
    settings: { readonly retryCount: number; readonly driftFactor: number },
  ): { acquire(resources: string[], duration: number): Promise<RedlockLock> };
}

/**
 * redlock, an optional peer: loaded only for `locks: { engine: 'redlock' }`.
 * @throws {CacheConfigError} with the install command when it is not there.
 */
export function loadRedlock(load: () => unknown = () => require('redlock')): RedlockClass {
  try {
    return (load() as { readonly default: RedlockClass }).default;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (!isMissing || !error.message.includes("'redlock'")) throw error;
    throw new CacheConfigError(
      "forRoot.locks.engine: the package 'redlock' is not installed. Run: npm install redlock@5.0.0-beta.2",
      { cause: error },
    );
  }
}
