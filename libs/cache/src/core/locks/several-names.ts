import { CacheConfigError } from '../errors.js';
import type { Holding } from './holding.js';
import { JointClaim, type JointParts } from './joint-claim.js';
import { checkName, waitsForItself } from './lock-name.js';
import { type LockOptions, termsOf } from './lock-options.js';
import type { LockScope } from './lock-scope.js';
import type { Lock } from './lock.js';

/** Several names that are held at once. */
export interface LockSet {
  /** In the order of the characters of their names. */
  readonly locks: readonly Lock[];
  /** The fencing token of one of the names. @throws {CacheConfigError} for a name that is not held. */
  token(name: string): bigint;
  /** Aborts when one of them is lost. */
  readonly signal: AbortSignal;
  /** @throws {LockLostError} for the first that is lost. */
  assertHeld(): void;
}

/** More than these at once is a design that should lock something larger. */
const MOST_NAMES = 16;

export interface SeveralNamesParts extends JointParts {
  readonly scope: LockScope;
}

/** Several names at once, for the callers of this process. */
export class SeveralNames {
  readonly #claims = new Set<JointClaim>();

  constructor(private readonly parts: SeveralNamesParts) {}

  /** Runs the work under all names, or not at all. */
  async run<T>(names: readonly string[], work: (held: LockSet) => Promise<T>, options?: LockOptions): Promise<T> {
    const terms = termsOf(options);
    const sorted = sortedNames(names);
    terms.signal?.throwIfAborted();
    for (const name of sorted) if (this.parts.scope.isUnder(name)) throw waitsForItself(name);
    const claim = new JointClaim(sorted, terms, this.parts);
    this.#claims.add(claim);
    try {
      return await this.#under(await claim.take(), work);
    } finally {
      this.#claims.delete(claim);
    }
  }

  /** Sends away who waits. What is held ends by itself, and its signal aborts now. */
  close(): void {
    for (const claim of this.#claims) claim.close();
  }

  async #under<T>(locks: readonly Holding[], work: (held: LockSet) => Promise<T>): Promise<T> {
    const { scope } = this.parts;
    const under = locks.reduceRight(
      (inner, lock) => () => scope.run(lock, inner),
      () => work(lockSet(locks)),
    );
    try {
      const value = await under();
      for (const lock of locks) if (!lock.isReleased) lock.assertHeld();
      return value;
    } finally {
      await Promise.all(locks.map((lock) => lock.release()));
    }
  }
}

/**
 * The names in the order of their characters, each once.
 * @throws {CacheConfigError} for none, too many, and for what is no name.
 */
export function sortedNames(names: readonly string[]): readonly string[] {
  for (const name of names) checkName(name);
  const sorted = [...new Set(names)].toSorted();
  if (sorted.length > 0 && sorted.length <= MOST_NAMES) return sorted;
  throw new CacheConfigError(
    `names of locks: ${sorted.length} at once cannot be taken. Name 1 to ${MOST_NAMES}, or lock what holds them all.`,
  );
}

/** Locks that are held, as one. */
export function lockSet(locks: readonly Lock[]): LockSet {
  return {
    locks,
    get signal() {
      return AbortSignal.any(locks.map(({ signal }) => signal));
    },
    token(name) {
      const lock = locks.find((one) => one.name === name);
      if (lock !== undefined) return lock.token;
      const held = locks.map((one) => `'${one.name}'`).join(', ');
      throw new CacheConfigError(`the lock '${name}' is not among those that are held: ${held}.`);
    },
    assertHeld() {
      for (const lock of locks) lock.assertHeld();
    },
  };
}
