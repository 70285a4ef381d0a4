import { CacheConfigError, CacheKeyError, LockNotReplicatedError } from '../errors.js';
import type { Cancel, Clock } from '../shared/clock.js';
import type { Holding } from './holding.js';
import type { LockTerms } from './lock-options.js';

export interface WaiterParts<T> {
  readonly clock: Clock;
  readonly terms: LockTerms;
  /** Takes nothing but a lock that is free. */
  readonly isTry: boolean;
  /** Told when it went away by itself: its time was over, or its caller has aborted. */
  readonly gone: (waiter: Waiter<T>, why: 'late' | 'aborted') => void;
}

/** One caller who waits, in the line of a name by default. Ends once: with what it waits for, with nothing, or with an error. */
export class Waiter<T = Holding> {
  readonly terms: LockTerms;
  readonly isTry: boolean;
  readonly since: number;
  /** The lock; `undefined`: busy, for one that only tries. */
  readonly turn: Promise<T | undefined>;
  #resolve: (holding: T | undefined) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #cancel: Cancel = () => undefined;

  constructor(private readonly parts: WaiterParts<T>) {
    const { clock, terms, isTry } = parts;
    this.terms = terms;
    this.isTry = isTry;
    this.since = clock.now();
    this.turn = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    terms.signal?.addEventListener('abort', this.#aborted);
  }

  /** Whether it stands in line where the lock is busy. */
  get isPatient(): boolean {
    return !this.isTry && this.terms.wait > 0;
  }

  /** Whether asking again may give it what this error did not. */
  outwaits(error: unknown): boolean {
    if (error instanceof CacheConfigError || error instanceof CacheKeyError) return false;
    if (error instanceof LockNotReplicatedError)
      return this.terms.whenUndurable === 'local' || this.terms.durability === 'local';
    return this.isPatient;
  }

  /** From now on its time runs; one that does not wait is answered by its only try. */
  start(): void {
    if (this.isPatient) this.#cancel = this.parts.clock.after(this.terms.wait, () => this.parts.gone(this, 'late'));
  }

  grant(holding: T | undefined): void {
    this.#end();
    this.#resolve(holding);
  }

  refuse(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  readonly #aborted = (): void => this.parts.gone(this, 'aborted');

  #end(): void {
    this.#cancel();
    this.terms.signal?.removeEventListener('abort', this.#aborted);
  }
}
