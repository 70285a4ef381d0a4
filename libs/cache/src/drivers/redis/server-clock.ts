import type { Cancel, Clock } from '../../core/shared/clock.js';

/**
 * The server's time on this process's monotonic clock: an offset, learned from replies. Of all samples the one with the
 * shortest round trip is the best, since the reply's time lies somewhere within it. A process whose wall clock is minutes off
 * behaves no differently.
 */
export class ServerClock implements Clock {
  #offset = 0;
  #roundTrip = Number.POSITIVE_INFINITY;

  constructor(private readonly local: Clock) {}

  now(): number {
    return this.local.now() + this.#offset;
  }

  coarse(): number {
    return this.local.coarse() + this.#offset;
  }

  after(ms: number, task: () => void): Cancel {
    return this.local.after(ms, task);
  }

  /** A reply said `serverMs`; it was asked for at `sent` and came at `received`, both of the local clock. */
  learn(serverMs: number, sent: number, received: number): void {
    const roundTrip = received - sent;
    if (roundTrip > this.#roundTrip) return;
    this.#roundTrip = roundTrip;
    this.#offset = serverMs - (sent + roundTrip / 2);
  }

  /** Another server may have another time: the next sample counts, whatever its round trip. */
  forget(): void {
    this.#roundTrip = Number.POSITIVE_INFINITY;
  }
}
