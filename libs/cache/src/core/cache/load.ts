import type { Key } from '../keys/key.js';
import { CacheConfigError } from '../errors.js';
import { LazyAbort } from '../shared/lazy-abort.js';
import type { Tagging } from '../tags/tagging.js';
import { lifetime, type Lifetime } from './lifetime.js';

/** One run of a loader, as the loader sees it: what it is for, and what it may say of its result. Its members can be taken apart. */
export interface Load {
  /** The full key that is being loaded. */
  readonly key: Key;
  /** Aborts when the hard timeout passes, or when nobody waits for the load any more. Hand it to `fetch`, a query, a timer. */
  readonly signal: AbortSignal;
  /** When the hard timeout passes: milliseconds since the epoch, as `Date.now()` counts them. */
  readonly deadline: number;
  /**
   * How long the result is fresh, spread by ±10 % as every `ttl`; wins over `ttl` and `nullTtl` of all options. Said more
   * than once, the last word counts.
   * @throws {CacheConfigError} for anything but a duration above 0 or `'forever'`.
   */
  readonly ttl: (ttl: Lifetime) => void;
  /** The result goes to the callers that wait for it, and no layer keeps it. What is kept of the key stays as it is. */
  readonly skip: () => void;
  /**
   * The value that is kept and no longer fresh (`staleFor`), or that is loaded anew before its time is over
   * (`earlyRefresh`): what a conditional request is made from. `undefined`: there is none. To be read, not changed.
   */
  readonly stale: unknown;
  /**
   * Ends the load: the source says that `stale` is still true, which is then the result, fresh for a `ttl` again.
   * @throws {CacheConfigError} where there is no `stale`, to the caller of the read.
   */
  readonly notModified: () => never;
  /**
   * Ends the load as if it had thrown: the callers get the reason. A reason that is no `Error` becomes the message and the
   * `cause` of one.
   */
  readonly fail: (reason: unknown) => never;
  /**
   * Gives the value that is loaded these tags, beside those of the options: for tags that only the loader knows.
   * `invalidateTags` then takes it out together with all others of a tag. No entry has more than 100.
   *
   * @throws {CacheKeyError} for what is no tag: text of A-Z a-z 0-9 _ . ~ - with `:` or `,` between, 256 characters at most.
   * @throws {CacheConfigError} under level `'strict'`, which knows no tags.
   */
  readonly tags: (...tags: string[]) => void;
}

/** What a loader said of its result. */
export interface LoadWishes {
  /** Milliseconds. */
  readonly lifetime: number | undefined;
  readonly isSkipped: boolean;
}

/** What is thrown for a reason that a loader gave. */
function failureOf(key: Key, reason: unknown): Error {
  if (reason instanceof Error) return reason;
  return new Error(typeof reason === 'string' ? reason : `The loader of '${key}' failed.`, { cause: reason });
}

/** What a loader throws whose source says that what is known is still true. */
export class NotModified extends Error {
  constructor(readonly value: unknown) {
    super('The source says that the stale value is still true.');
  }
}

function nothingKnown(key: Key): CacheConfigError {
  return new CacheConfigError(
    `load.notModified(): there is no stale value of '${key}' that could still be true. Look at load.stale first, and ask the source without a condition where it is undefined.`,
    { key },
  );
}

/** What is known of a load before it begins. */
export interface LoadGround {
  /** Takes its tags; where nothing is kept nobody does. */
  readonly tagging?: Pick<Tagging, 'name'> | undefined;
  /** The value that it replaces. */
  readonly stale?: (() => unknown) | undefined;
}

/** A `Load` whose signal and functions are only made when somebody asks for them. */
export class LoadRun extends LazyAbort implements Load, LoadWishes {
  #lifetime: number | undefined;
  #isSkipped = false;

  constructor(
    readonly key: Key,
    readonly deadline: number,
    private readonly ground: LoadGround = {},
  ) {
    super();
  }

  get ttl(): Load['ttl'] {
    return (ttl) => {
      this.#lifetime = lifetime(ttl, 'load.ttl()');
    };
  }

  get skip(): Load['skip'] {
    return () => {
      this.#isSkipped = true;
    };
  }

  get stale(): unknown {
    return this.ground.stale?.();
  }

  get notModified(): Load['notModified'] {
    return () => {
      const { stale } = this;
      throw stale === undefined ? nothingKnown(this.key) : new NotModified(stale);
    };
  }

  get fail(): Load['fail'] {
    return (reason) => {
      throw failureOf(this.key, reason);
    };
  }

  get lifetime(): number | undefined {
    return this.#lifetime;
  }

  get isSkipped(): boolean {
    return this.#isSkipped;
  }

  get tags(): Load['tags'] {
    return (...tags) => this.ground.tagging?.name(tags);
  }
}
