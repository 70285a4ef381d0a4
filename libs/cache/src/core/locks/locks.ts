import type { EventHub, Unsubscribe } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import type { Random } from '../shared/random.js';
import type { Holding } from './holding.js';
import type { Lock } from './lock.js';
import type { LockEngine } from './lock-engine.js';
import { LockLine } from './lock-line.js';
import { checkName, waitsForItself } from './lock-name.js';
import { termsOf, type LockOptions } from './lock-options.js';
import type { LockScope } from './lock-scope.js';
import { newOwner } from './owner.js';
import { type LockSet, SeveralNames } from './several-names.js';

export interface LocksParts {
  readonly engine: LockEngine;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventHub;
  readonly scope: LockScope;
}

/** What a try gave: the value of the work, or that somebody else has the lock. */
export type TryOutcome<T> = { readonly ran: true; readonly value: T } | { readonly ran: false };

/** Locks by name, for the callers of this process; each name has a line of its own. */
export class Locks {
  readonly #lines = new Map<string, LockLine>();
  readonly #several: SeveralNames;
  readonly #unsubscribe: Unsubscribe;

  constructor(private readonly parts: LocksParts) {
    this.#several = new SeveralNames({
      ...parts,
      owner: () => newOwner(parts.random),
      acquire: (name, terms) => this.#entered(name, terms),
      isBusyHere: (name) => this.#lines.has(name),
    });
    this.#unsubscribe = parts.engine.onFree((name) => this.#lines.get(name)?.wake());
  }

  /**
   * Runs the work while nobody else in the fleet has the name. What the work throws is passed on unchanged.
   * @throws {LockTimeoutError} when it was not free in time; the work did not run.
   * @throws {LockNotReplicatedError} when too few replicas confirmed it; the work did not run.
   * @throws {LockLostError} when the work succeeded, but somebody else may have had the lock meanwhile.
   */
  async run<T>(name: string, work: (lock: Lock) => Promise<T>, options?: LockOptions): Promise<T> {
    return this.#under(await this.#entered(name, options), work);
  }

  /** As `run`, but nobody waits: where the lock is busy the work does not run. */
  async tryRun<T>(
    name: string,
    work: (lock: Lock) => Promise<T>,
    options?: Omit<LockOptions, 'wait'>,
  ): Promise<TryOutcome<T>> {
    const terms = termsOf(options);
    terms.signal?.throwIfAborted();
    const lock = await this.#line(name).enter(terms, true);
    if (lock === undefined) return { ran: false };
    return { ran: true, value: await this.#under(lock, work) };
  }

  /**
   * Runs the work under all names, or not at all. `wait` is for all of them together.
   * @throws as `run`, for whichever name it was; {CacheConfigError} for none, or more than 16.
   */
  runAll<T>(names: readonly string[], work: (held: LockSet) => Promise<T>, options?: LockOptions): Promise<T> {
    return this.#several.run(names, work, options);
  }

  /** The lock, until it is released. @throws as `run`. */
  acquire(name: string, options?: LockOptions): Promise<Lock> {
    return this.#entered(name, options);
  }

  async #entered(name: string, options?: LockOptions): Promise<Holding> {
    const terms = termsOf(options);
    terms.signal?.throwIfAborted();
    if (this.parts.scope.isUnder(name)) throw waitsForItself(name);
    const lock = await this.#line(name).enter(terms, false);
    if (lock === undefined) throw new TypeError('only a try is sent away with nothing');
    return lock;
  }

  /** Sends away who waits. What is held ends by itself, and its signal aborts now. */
  close(): void {
    this.#unsubscribe();
    this.#several.close();
    for (const line of this.#lines.values()) line.close();
    this.parts.engine.close();
  }

  async #under<T>(lock: Holding, work: (lock: Lock) => Promise<T>): Promise<T> {
    try {
      const value = await this.parts.scope.run(lock, () => work(lock));
      // The work may have released it: then it was told when, and what came after is its own affair.
      if (!lock.isReleased) lock.assertHeld();
      return value;
    } finally {
      await lock.release();
    }
  }

  #line(name: string): LockLine {
    let line = this.#lines.get(name);
    if (line !== undefined) return line;
    checkName(name);
    const { engine, clock, events, random } = this.parts;
    const idle = (): void => {
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    };
    line = new LockLine(name, { engine, clock, events, owner: () => newOwner(random), idle });
    this.#lines.set(name, line);
    return line;
  }
}
