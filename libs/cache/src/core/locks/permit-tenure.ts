import type { Cancel, Clock } from '../shared/clock.js';
import type { Backing } from './holding.js';
import { leaseGuard } from './lease-guard.js';
import type { Durability } from './lock-engine.js';
import type { PermitEngine } from './permit-engine.js';

/** What was granted. */
export interface PermitGrant {
  readonly name: string;
  readonly owner: string;
  readonly ttl: number;
  /** The lease ends `ttl` after this. */
  readonly sentAt: number;
}

export interface PermitTenureParts {
  readonly engine: PermitEngine;
  readonly clock: Clock;
  /** Told once, when the permits may soon be somebody else's. */
  readonly lost: () => void;
}

/** Renewed so often within one lease, so that two tries may fail. */
const RENEWALS = 4;

/** The time in which permits are held. It counts from when they were asked for, on this process's clock. */
export class PermitTenure implements Backing {
  readonly durability: Durability = 'local';
  readonly #grant: PermitGrant;
  #safeUntil: number;
  #isOver = false;
  #ending: Cancel = () => undefined;
  #renewing: Cancel = () => undefined;

  constructor(
    grant: PermitGrant,
    private readonly parts: PermitTenureParts,
  ) {
    this.#grant = grant;
    this.#safeUntil = this.#endOf(grant.sentAt);
    this.#endLater();
    this.#renewLater();
  }

  isSafe(): boolean {
    return !this.#isOver && this.parts.clock.now() < this.#safeUntil;
  }

  abandon(): void {
    this.#lose();
  }

  /** Gives them back; never rejects. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#ending();
    this.#renewing();
    const { name, owner } = this.#grant;
    // What cannot be given back is free when its lease ends.
    await this.parts.engine.release(name, owner).catch(() => undefined);
  }

  #endOf(sentAt: number): number {
    const { ttl } = this.#grant;
    return sentAt + ttl - leaseGuard(ttl);
  }

  #endLater(): void {
    this.#ending();
    const left = this.#safeUntil - this.parts.clock.now();
    this.#ending = this.parts.clock.after(Math.max(0, left), () => this.#lose());
  }

  #renewLater(): void {
    this.#renewing = this.parts.clock.after(this.#grant.ttl / RENEWALS, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { name, owner, ttl } = this.#grant;
    try {
      const sentAt = await this.parts.engine.renew(name, owner, ttl);
      if (this.#isOver) return;
      if (sentAt === undefined) return this.#lose();
      this.#safeUntil = this.#endOf(sentAt);
      this.#endLater();
    } catch {
      // Nobody knows whether it was done: the end stays where it is, and the next try may move it.
    }
    if (!this.#isOver) this.#renewLater();
  }

  #lose(): void {
    if (this.#isOver) return;
    void this.end();
    this.parts.lost();
  }
}
