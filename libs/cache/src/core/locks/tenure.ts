import type { Cancel, Clock } from '../shared/clock.js';
import type { Backing } from './holding.js';
import { leaseGuard } from './lease-guard.js';
import type { HeldLock, LockEngine, LockGrant } from './lock-engine.js';

/** Renewed after this share of its time: two more tries are left when one fails. */
const RENEWAL_SHARE = 1 / 3;

/** A renewal that failed is tried again after this share of it. */
const AGAIN_SHARE = 0.1;

/** Held on to for so long before somebody else is looked for. */
const QUANTUM_MS = 50;

/** A release that failed is tried again, until the lock has ended by itself. */
const RELEASE_AGAIN_MS = 500;

export interface TenureParts {
  readonly engine: LockEngine;
  readonly clock: Clock;
  /** Told once, when the lock may soon be somebody else's. */
  readonly lost: () => void;
}

/**
 * The time in which this process holds a lock, and hands it on among its own. It counts from when the claim was sent,
 * on this process's clock, and ends for us a guard before it can end for the server, whatever the server says.
 */
export class Tenure implements Backing {
  /** Another process stands in line, as far as is known. */
  isWaitedFor = false;
  readonly #held: HeldLock;
  readonly #last: bigint;
  readonly #guard: number;
  #next: bigint;
  /** The time at which nobody here may think any more that it holds the lock. */
  #safeUntil: number;
  /** When it was last known who else waits. */
  #heardAt: number;
  #isAsking = false;
  #isOver = false;
  #cancel: Cancel = () => undefined;

  constructor(
    { name, owner, ttl }: Pick<HeldLock, 'name' | 'owner' | 'ttl'>,
    grant: LockGrant,
    private readonly parts: TenureParts,
  ) {
    this.#held = { name, owner, ttl, durability: grant.durability };
    this.#next = grant.token;
    this.#last = grant.last;
    this.#guard = leaseGuard(ttl);
    this.#safeUntil = this.#endOf(grant.sentAt);
    this.#heardAt = parts.clock.now();
    this.#renewLater(grant.sentAt + ttl * RENEWAL_SHARE);
  }

  get ttl(): number {
    return this.#held.ttl;
  }

  get durability(): HeldLock['durability'] {
    return this.#held.durability;
  }

  /** The highest token that was given. */
  get used(): bigint {
    return this.#next - 1n;
  }

  isSafe(): boolean {
    return !this.#isOver && this.parts.clock.now() < this.#safeUntil;
  }

  /** Whether it can be handed on: nobody else waits, there is a token for the next, and time enough to be renewed. */
  canGoOn(): boolean {
    const isFresh = this.parts.clock.now() < this.#safeUntil - this.#held.ttl / 3;
    return !this.#isOver && isFresh && this.#next <= this.#last && !this.isWaitedFor;
  }

  /** The token of the next holder. While more of them follow, the server is asked now and then who else waits. */
  handOn(isFollowed: boolean): bigint {
    const isDue = this.parts.clock.now() >= this.#heardAt + QUANTUM_MS;
    if (isFollowed && isDue && !this.#isAsking && !this.#isOver) void this.#renew();
    return this.#next++;
  }

  /** Gives the lock back; never rejects. Resolves when the server has answered once, or has failed to. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#release();
  }

  /** Leaves it to end by itself: from now on nobody renews it. */
  abandon(): void {
    this.#lose();
  }

  #endOf(sentAt: number): number {
    return sentAt + this.#held.ttl - this.#guard;
  }

  #renewLater(at: number): void {
    this.#at(at, () => void this.#renew());
  }

  /** One timer: for the next renewal, or while that is under way for the end. */
  #at(time: number, task: () => void): void {
    this.#cancel();
    this.#cancel = this.parts.clock.after(Math.max(0, time - this.parts.clock.now()), task);
  }

  async #renew(): Promise<void> {
    this.#at(this.#safeUntil, () => this.#lose());
    this.#isAsking = true;
    const extended = await this.#extended();
    this.#isAsking = false;
    if (this.#isOver) return;
    if (extended === 'gone' || !this.isSafe()) return this.#lose();
    if (extended === 'unknown') return this.#tryAgain();
    this.#safeUntil = this.#endOf(extended.sentAt);
    this.#heardAt = this.parts.clock.now();
    this.isWaitedFor = extended.isWaitedFor;
    this.#renewLater(extended.sentAt + this.#held.ttl * RENEWAL_SHARE);
  }

  async #extended() {
    try {
      return (await this.parts.engine.extend(this.#held)) ?? 'gone';
    } catch {
      return 'unknown';
    }
  }

  #tryAgain(): void {
    const next = this.parts.clock.now() + this.#held.ttl * AGAIN_SHARE;
    if (next < this.#safeUntil) this.#renewLater(next);
    else this.#at(this.#safeUntil, () => this.#lose());
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    // Not given back: its holder has the guard's time to stop.
    this.parts.lost();
  }

  async #release(): Promise<void> {
    try {
      await this.parts.engine.release(this.#held, this.used);
    } catch {
      if (this.parts.clock.now() > this.#safeUntil + this.#guard) return;
      this.parts.clock.after(RELEASE_AGAIN_MS, () => void this.#release());
    }
  }
}
