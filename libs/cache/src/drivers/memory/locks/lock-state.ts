import { OFFER_MS, PLACE_MS } from '../../../core/locks/line-times.js';

export interface Asking {
  readonly ttl: number;
  readonly queue: boolean;
  readonly now: number;
}

/** One name: who holds it until when, and who stands in line. */
export class LockState {
  /** The last of the tokens that were set aside for the owner. */
  last = 0n;
  #owner: string | undefined;
  #until = 0;
  /** While it is kept for the head of the line. */
  #offerEnds = 0;
  /** Owners in the order they came, with the time their place ends. */
  readonly #line = new Map<string, number>();

  /** @param tell that it is the turn of the head */
  constructor(private readonly tell: () => void) {}

  /** @returns 0 when it is the owner's now, else after how many ms to ask again. */
  claim(owner: string, { ttl, queue, now }: Asking): number {
    const freeIn = this.freeIn(owner, now);
    if (freeIn === 0) {
      this.#line.delete(owner);
      this.#owner = owner;
      this.#until = now + ttl;
      this.#offerEnds = 0;
    } else if (queue) {
      this.#line.set(owner, now + PLACE_MS);
    }
    return freeIn;
  }

  extend(owner: string, ttl: number, now: number): boolean {
    if (owner !== this.#owner || this.#until <= now) return false;
    this.#until = now + ttl;
    return true;
  }

  release(owner: string, now: number): boolean {
    if (owner !== this.#owner) return false;
    this.#owner = undefined;
    this.#until = 0;
    this.#offer(now);
    return true;
  }

  leave(owner: string, now: number): void {
    const wasHead = owner === this.#head(now);
    if (!this.#line.delete(owner)) return;
    if (wasHead && this.#offerEnds > 0) this.#offer(now);
  }

  isWaitedFor(now: number): boolean {
    return this.#head(now) !== undefined;
  }

  /** Whether there is nothing to remember. */
  isIdle(now: number): boolean {
    return (this.#owner === undefined || this.#until <= now) && !this.isWaitedFor(now);
  }

  /** After how many ms to ask again; 0: this owner may have it. */
  freeIn(owner: string, now: number): number {
    if (this.#owner !== undefined && this.#owner !== owner && this.#until > now) return this.#until - now;
    let head = this.#head(now);
    while (head !== undefined && head !== owner && this.#offerEnds > 0 && this.#offerEnds <= now) {
      this.#line.delete(head);
      this.#offer(now);
      head = this.#head(now);
    }
    if (head === undefined || head === owner) return 0;
    // It ended by itself, which is told to nobody.
    if (this.#offerEnds === 0) this.#offer(now);
    return this.#offerEnds - now;
  }

  #offer(now: number): void {
    const isWaitedFor = this.isWaitedFor(now);
    this.#offerEnds = isWaitedFor ? now + OFFER_MS : 0;
    if (isWaitedFor) this.tell();
  }

  /** The first in line whose place has not ended. */
  #head(now: number): string | undefined {
    for (const [owner, ends] of this.#line) {
      if (ends > now) return owner;
      this.#line.delete(owner);
    }
    return undefined;
  }
}
