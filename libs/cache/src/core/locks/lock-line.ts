import { CacheConnectionError, LockNotReplicatedError, LockTimeoutError } from '../errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import { Holding } from './holding.js';
import { ASK_AGAIN_MS } from './line-times.js';
import type { HeldLock, LockAnswer, LockEngine, LockGrant } from './lock-engine.js';
import type { LockTerms } from './lock-options.js';
import { Pause } from './pause.js';
import { Tenure } from './tenure.js';
import { told } from './told.js';
import { Waiter } from './waiter.js';
import { tellHeld } from './tell-held.js';

/** Tokens that are set aside by one claim, for the holders of this process that follow each other. */
const TOKENS = 1_000;

/** After an answer that did not come. */
const FAILED_AGAIN_MS = 100;

export interface LineParts {
  readonly engine: LockEngine;
  readonly clock: Clock;
  readonly events: EventHub;
  /** A new owner: 128 random bits. */
  readonly owner: () => string;
  /** Told when nobody holds the lock or waits for it here. */
  readonly idle: () => void;
}

/**
 * The callers of this process who want one name, first come first served. The process takes the lock once for all of
 * them and hands it on, until somebody else waits for it.
 */
export class LockLine {
  readonly #waiting = new Set<Waiter>();
  readonly #pause: Pause;
  #tenure: Tenure | undefined;
  /** What the tenure was asked for with. */
  #terms: LockTerms | undefined;
  #holder: Holding | undefined;
  #isClaiming = false;
  /** Whose place in the line of processes this is. */
  #owner: string | undefined;
  /** The same, when an answer did not come: it may have been granted. */
  #unsure: HeldLock | undefined;
  #highest = 0n;
  #failure: unknown;

  constructor(
    private readonly name: string,
    private readonly parts: LineParts,
  ) {
    this.#pause = new Pause(parts.clock);
  }

  /**
   * @returns the lock; `undefined` for a try when it is busy.
   * @throws {LockTimeoutError} when it was not free in time.
   */
  enter(terms: LockTerms, isTry: boolean): Promise<Holding | undefined> {
    const gone = (one: Waiter, why: 'late' | 'aborted') => this.#gone(one, why);
    const waiter = new Waiter({ clock: this.parts.clock, terms, isTry, gone });
    const isFirst = this.#waiting.size === 0 && this.#holder === undefined && !this.#isClaiming;
    if (!isFirst && !waiter.isPatient) {
      this.#sendAway(waiter);
      return waiter.turn;
    }
    this.#waiting.add(waiter);
    waiter.start();
    if (isFirst) void this.#passOn();
    return waiter.turn;
  }

  /** It may be our turn. */
  wake(): void {
    this.#pause.end();
  }

  /** Sends away who waits, and lets what is held end by itself. */
  close(): void {
    for (const waiter of this.#waiting) {
      waiter.refuse(
        new CacheConnectionError(`The application shut down while the lock '${this.name}' was waited for.`),
      );
    }
    this.#waiting.clear();
    this.#tenure?.abandon();
    this.#pause.end();
  }

  /** Lets the next one in. Resolves when the lock is given back, if nobody here wants it. */
  #passOn(): Promise<void> {
    const tenure = this.#tenure;
    const head = this.#head();
    if (tenure !== undefined && head !== undefined && this.#fits(head) && tenure.canGoOn()) {
      this.#admit(head, tenure);
      return Promise.resolve();
    }
    this.#tenure = undefined;
    const ended = tenure?.end() ?? Promise.resolve();
    void this.#claim(ended);
    return ended;
  }

  #head(): Waiter | undefined {
    const [head] = this.#waiting;
    return head;
  }

  /** Whether the lock was taken on the terms of this one. */
  #fits({ terms }: Waiter): boolean {
    const ours = this.#terms;
    return (
      terms.ttl === ours?.ttl && terms.durability === ours.durability && terms.whenUndurable === ours.whenUndurable
    );
  }

  #admit(waiter: Waiter, tenure: Tenure): void {
    this.#waiting.delete(waiter);
    const token = tenure.handOn(this.#waiting.size > 0);
    const holding = new Holding({ name: this.name, token }, tenure, (one) => this.#back(one, tenure));
    holding.notBefore = this.parts.clock.now() + waiter.terms.atLeast;
    // Before anybody knows: it may be given back in the next moment.
    this.#isClaiming = false;
    this.#holder = holding;
    holding.released = tellHeld(this.parts, { name: this.name, token, since: waiter.since });
    waiter.grant(holding);
  }

  /** A holder is done. What it had lost is another's affair, or was claimed anew by somebody here. */
  async #back(holding: Holding, tenure: Tenure): Promise<void> {
    if (this.#holder !== holding) return tenure.end();
    const left = holding.notBefore - this.parts.clock.now();
    if (left > 0) {
      this.parts.clock.after(left, () => {
        if (this.#holder === holding) void this.#free();
      });
      return;
    }
    await this.#free();
  }

  #free(): Promise<void> {
    this.#holder = undefined;
    return this.#passOn();
  }

  #lost(): void {
    const holding = this.#holder;
    this.#holder = undefined;
    this.#tenure = undefined;
    const error = holding?.lose();
    if (holding !== undefined && error !== undefined) {
      this.parts.events.emit({ type: 'lock-lost', name: this.name, token: holding.token, error });
    }
    if (holding !== undefined && !this.#isClaiming) void this.#passOn();
  }

  /** Asks for the lock until somebody here has it, or nobody wants it any more. */
  async #claim(after: Promise<void>): Promise<void> {
    this.#isClaiming = true;
    await after;
    for (let head = this.#head(); head !== undefined; head = this.#head()) {
      if (await this.#claimFor(head)) return;
    }
    this.#isClaiming = false;
    this.#leave();
    this.parts.idle();
  }

  /** @returns whether somebody was let in. */
  async #claimFor(head: Waiter): Promise<boolean> {
    this.#owner ??= this.parts.owner();
    this.#pause.begin();
    const owner = this.#owner;
    try {
      const answer = await this.#asked(head, owner);
      this.#failure = undefined;
      if (answer.kind === 'granted') return await this.#granted(answer, { head, owner });
      this.#sendAwayImpatient();
      if (this.#waiting.size > 0) await this.#pause.until(Math.min(answer.freeIn, ASK_AGAIN_MS));
    } catch (error) {
      await this.#failed(error, { head, owner });
    }
    return false;
  }

  #asked({ terms, isPatient }: Waiter, owner: string): Promise<LockAnswer> {
    const { ttl, durability, whenUndurable } = terms;
    const queue = isPatient || this.#waiting.size > 1;
    const claim = { name: this.name, owner, ttl, durability, whenUndurable, tokens: TOKENS };
    return this.parts.engine.claim({ ...claim, above: this.#highest, queue });
  }

  async #granted(grant: LockGrant, { head, owner }: Asker): Promise<boolean> {
    this.#owner = undefined;
    this.#unsure = undefined;
    const { engine, clock } = this.parts;
    const tenure = new Tenure({ name: this.name, owner, ttl: head.terms.ttl }, grant, {
      engine,
      clock,
      lost: () => {
        if (this.#tenure === tenure) this.#lost();
      },
    });
    this.#terms = head.terms;
    this.#highest = grant.last;
    // The one it was asked for may have gone away meanwhile.
    const next = this.#head();
    if (next === undefined || !this.#fits(next) || !tenure.isSafe()) {
      await tenure.end();
      return false;
    }
    this.#tenure = tenure;
    this.#admit(next, tenure);
    return true;
  }

  /**
   * Nobody knows whether the lock was given. Who still waits asks again as the same owner, to whom it is given again, or
   * whose place it is. What the engine has taken back by itself may be released late, and the owner with it.
   */
  async #failed(error: unknown, { head, owner }: Asker): Promise<void> {
    this.#failure = error;
    this.#unsure = { name: this.name, owner, ttl: head.terms.ttl, durability: 'local' };
    if (error instanceof LockNotReplicatedError) this.#leave();
    for (const waiter of this.#waiting) if (!waiter.outwaits(error)) this.#refuse(waiter, told(this.name, error));
    if (this.#waiting.size > 0) await this.#pause.until(FAILED_AGAIN_MS);
  }

  #refuse(waiter: Waiter, error: unknown): void {
    this.#waiting.delete(waiter);
    waiter.refuse(error);
  }

  #sendAwayImpatient(): void {
    for (const waiter of this.#waiting) {
      if (waiter.isPatient) continue;
      this.#waiting.delete(waiter);
      this.#sendAway(waiter);
    }
  }

  #sendAway(waiter: Waiter): void {
    if (waiter.isTry) waiter.grant(undefined);
    else waiter.refuse(this.#late(waiter));
  }

  #gone(waiter: Waiter, why: 'late' | 'aborted'): void {
    this.#waiting.delete(waiter);
    waiter.refuse(why === 'late' ? this.#late(waiter) : waiter.terms.signal?.reason);
    if (this.#waiting.size === 0) this.#pause.end();
  }

  #late({ since, terms }: Waiter): LockTimeoutError {
    const { clock, events } = this.parts;
    if (events.wants('lock-timeout')) {
      events.emit({ type: 'lock-timeout', name: this.name, waited: clock.now() - since });
    }
    return new LockTimeoutError(
      `The lock '${this.name}' was not free within ${terms.wait} ms and the work did not run. Retry later, shorten the work, or wait longer.`,
      { key: this.name, cause: this.#failure },
    );
  }

  /** Gives up our place in the line of processes, and what may have been granted. */
  #leave(): void {
    const [owner, unsure] = [this.#owner, this.#unsure];
    const { engine } = this.parts;
    this.#owner = undefined;
    this.#unsure = undefined;
    if (unsure !== undefined) void engine.release(unsure, 0n).catch(() => undefined);
    if (owner !== undefined) void engine.leave(this.name, owner).catch(() => undefined);
  }
}

interface Asker {
  readonly head: Waiter;
  readonly owner: string;
}
