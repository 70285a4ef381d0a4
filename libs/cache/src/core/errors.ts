/** What went wrong, in a word that never changes. Log it, alert on it, branch on it. */
export type CacheErrorCode =
  | 'CONFIG'
  | 'CONNECTION'
  | 'KEY_GRAMMAR'
  | 'KEY_VALUE'
  | 'KEY_TOO_LONG'
  | 'KEY_CONTEXT'
  | 'SERIALIZATION'
  | 'TIMEOUT'
  | 'LOCK_TIMEOUT'
  | 'LOCK_LOST'
  | 'LOCK_NOT_REPLICATED'
  | 'CONSISTENCY'
  | 'RATE_LIMITED'
  | 'WRITE'
  | 'READ'
  | 'CIRCUIT_OPEN'
  | 'OVERLOAD'
  | 'LOAD_FAILED';

export interface CacheErrorDetails {
  /** The full key, where one was known. */
  readonly key?: string | undefined;
  /** The layer that failed, where one did. */
  readonly layer?: string | undefined;
  /** The error underneath, unchanged. */
  readonly cause?: unknown;
}

/**
 * Root of every error this package throws. The message says what was wrong with which value and what to do.
 * A loader's or saver's own error is never wrapped: it reaches the callers of its process as it was thrown.
 */
export class CacheError extends Error {
  /** The full key, where one was known. */
  declare readonly key?: string;
  /** The layer that failed, where one did. */
  declare readonly layer?: string;

  constructor(
    readonly code: CacheErrorCode,
    message: string,
    details: CacheErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    if (details.key !== undefined) this.key = details.key;
    if (details.layer !== undefined) this.layer = details.layer;
  }
}

/** A wrong option, template or combination of decorators. Thrown at boot, or on the first call that needs it. */
export class CacheConfigError extends CacheError {
  constructor(message: string, details?: CacheErrorDetails) {
    super('CONFIG', message, details);
  }
}

/**
 * Redis cannot be reached, or does not let us in. The message names the address, the cause (`ECONNREFUSED`,
 * `WRONGPASS`, …) and the remedy; it never holds a password, and neither does `cause`.
 */
export class CacheConnectionError extends CacheError {
  constructor(message: string, details?: CacheErrorDetails) {
    super('CONNECTION', message, details);
  }
}

export type CacheKeyErrorCode = Extract<CacheErrorCode, `KEY_${string}`>;

/**
 * A key that cannot be built or is not in the grammar.
 * `KEY_GRAMMAR`: the text itself; `KEY_VALUE`: a value no key can hold (NaN, an object);
 * `KEY_TOO_LONG`: over 512 bytes; `KEY_CONTEXT`: a `{@name}` hole without a value.
 */
export class CacheKeyError extends CacheError {
  declare readonly code: CacheKeyErrorCode;

  constructor(code: CacheKeyErrorCode, message: string, details?: CacheErrorDetails) {
    super(code, message, details);
  }
}

/** A value that no layer can keep without changing it. `path` is where in the value: `$.orders[2].customer`. */
export class CacheSerializationError extends CacheError {
  constructor(
    message: string,
    readonly path: string = '$',
    details?: CacheErrorDetails,
  ) {
    super('SERIALIZATION', message, details);
  }
}

/** Something took longer than its limit. Carries what Nest 11 and 12 map to `503 Service Unavailable`. */
export class CacheTimeoutError extends CacheError {
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;

  constructor(message: string, details?: CacheErrorDetails) {
    super('TIMEOUT', message, details);
  }
}

/** Waiting for a lock took longer than allowed; the work did not run. Maps to `409 Conflict`. */
export class LockTimeoutError extends CacheError {
  readonly status = 409;
  readonly statusCode = 409;
  readonly expose = true;

  constructor(message: string, details?: CacheErrorDetails) {
    super('LOCK_TIMEOUT', message, details);
  }
}

/**
 * The lock may have passed to somebody else while the work ran. The work may have run to its end: what it changed under
 * a fencing token is safe. Maps to `409 Conflict`.
 */
export class LockLostError extends CacheError {
  readonly status = 409;
  readonly statusCode = 409;
  readonly expose = true;

  constructor(message: string, details?: CacheErrorDetails) {
    super('LOCK_LOST', message, details);
  }
}

/** Too few replicas confirmed the lock, so that a failover could lose it; the work did not run. Maps to `503 Service Unavailable`. */
export class LockNotReplicatedError extends CacheError {
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;

  constructor(message: string, details?: CacheErrorDetails) {
    super('LOCK_NOT_REPLICATED', message, details);
  }
}

/**
 * Under level `strict`: the promise could not be kept, so there is no answer rather than a guess. `rejected`: nothing was
 * read, saved or changed, so trying again is safe. `unknown`: the save ran, or the change may have been made, and nobody
 * can say whether every process will see it: what the cache holds of the key is on its way out, so a read tells what is
 * true. `cause` says what went wrong. Maps to `503 Service Unavailable`.
 */
export class CacheConsistencyError extends CacheError {
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;

  constructor(
    message: string,
    readonly outcome: 'rejected' | 'unknown',
    details?: CacheErrorDetails,
  ) {
    super('CONSISTENCY', message, details);
  }
}

/** A layer refused or failed a write. */
export class CacheWriteError extends CacheError {
  constructor(message: string, details?: CacheErrorDetails) {
    super('WRITE', message, details);
  }
}

/** A layer failed a read. */
export class CacheReadError extends CacheError {
  constructor(message: string, details?: CacheErrorDetails) {
    super('READ', message, details);
  }
}

/** Redis was not asked, because this process asks too much of it. Maps to `503 Service Unavailable`. */
export class CacheOverloadError extends CacheError {
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;

  constructor(message: string, details?: CacheErrorDetails) {
    super('OVERLOAD', message, details);
  }
}

/** A limit was reached; nothing ran. Maps to `429 Too Many Requests`. */
export class RateLimitExceededError extends CacheError {
  readonly status = 429;
  readonly statusCode = 429;
  readonly expose = true;
  /** Until it is worth trying again, ms. */
  readonly retryAfter: number;
  /** The names of the rules that refused. */
  readonly violated: readonly string[];

  constructor(
    message: string,
    { retryAfter, violated, ...details }: CacheErrorDetails & Pick<RateLimitExceededError, 'retryAfter' | 'violated'>,
  ) {
    super('RATE_LIMITED', message, details);
    this.retryAfter = retryAfter;
    this.violated = violated;
  }

  /** What GraphQL servers show to clients beside the message. */
  get extensions(): { readonly code: string; readonly retryAfter: number; readonly violated: readonly string[] } {
    const { code, retryAfter, violated } = this;
    return { code, retryAfter, violated };
  }
}

/** An operation was not tried, because its backend fails. Maps to `503 Service Unavailable`. */
export class CircuitOpenError extends CacheError {
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;

  constructor(
    message: string,
    /** When it is worth trying again, ms from now. */
    readonly retryAfter: number,
    details?: CacheErrorDetails,
  ) {
    super('CIRCUIT_OPEN', message, details);
  }
}

/**
 * The loader failed in another process, which this one was waiting for: it is not run once more in each. `cause` has the
 * name, the message and the `code` of the error there. Where that error has an HTTP status, so has this one, with its
 * message: clients get the same answer from every process.
 */
export class CacheLoadError extends CacheError {
  declare readonly status?: number;
  declare readonly statusCode?: number;
  declare readonly expose?: boolean;

  constructor(
    message: string,
    { status, ...details }: CacheErrorDetails & { readonly status?: number | undefined } = {},
  ) {
    super('LOAD_FAILED', message, details);
    if (status !== undefined) Object.assign(this, { status, statusCode: status, expose: true });
  }
}
