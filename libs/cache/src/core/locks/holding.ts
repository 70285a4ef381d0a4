import { LockLostError } from '../errors.js';
import { LazyAbort } from '../shared/lazy-abort.js';
import type { Durability } from './lock-engine.js';
import type { Lock } from './lock.js';

/** What stands behind a lock that is held. */
export interface Backing {
  readonly durability: Durability;
  /** Whether nobody else can have the lock yet, by the clock. */
  isSafe(): boolean;
  /** Nobody renews it from now on: it is lost, and whoever is to know is told, unless they were. */
  abandon(): void;
}

/** A lock in the hands of one holder of this process. */
export class Holding implements Lock {
  readonly name: string;
  readonly token: bigint;
  readonly #abort = new LazyAbort();
  #lost: LockLostError | undefined;
  #isReleased = false;
  /** Nobody else gets it before this, though it was released. */
  notBefore = 0;
  /** Told once, when its holder gives it back. */
  released: (() => void) | undefined;

  /** @param ended gives it back */
  constructor(
    { name, token }: Pick<Lock, 'name' | 'token'>,
    private readonly backing: Backing,
    private readonly ended: (holding: Holding) => Promise<void>,
  ) {
    this.name = name;
    this.token = token;
  }

  get durability(): Durability {
    return this.backing.durability;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  assertHeld(): void {
    if (this.#isReleased) throw new LockLostError(`The lock '${this.name}' was released. Take it anew.`, keyOf(this));
    if (this.#lost === undefined && !this.backing.isSafe()) this.#found();
    if (this.#lost !== undefined) throw this.#lost;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.released?.();
    const ended = this.ended(this);
    if (this.#lost === undefined) await ended;
  }

  /** Before any timer could: everybody is told as if one had. */
  #found(): void {
    this.backing.abandon();
    this.lose();
  }

  /** @returns the error that its holder is told; `undefined` where it has no holder any more */
  lose(): LockLostError | undefined {
    if (this.#lost !== undefined || this.#isReleased) return this.#lost;
    this.#lost = new LockLostError(
      `The lock '${this.name}' could not be renewed in time and may have passed to somebody else. Stop, and let what it protects check the token ${this.token}.`,
      keyOf(this),
    );
    this.#abort.abort(this.#lost);
    return this.#lost;
  }
}

function keyOf({ name }: Holding): { readonly key: string } {
  return { key: name };
}
