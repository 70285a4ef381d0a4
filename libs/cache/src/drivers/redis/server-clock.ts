import type { Cancel, Clock } from '../../core/shared/clock.js';

/** How far two clocks part: 100 ppm, what a bad quartz does against a server that NTP keeps. */
const DRIFT = 1e-4;

/**
 * The server's time on this process's monotonic clock: an offset, learned from replies (Cristian, Probabilistic Clock
 * Synchronization, 1989). The reply's time lies somewhere within its round trip, so a sample is off by half of it at
 * most, and by the drift since. The least uncertain sample counts. A process whose wall clock is minutes off behaves no
 * differently. A better sample, or another server, may set the time back: spans are measured on the local clock.
 */
export class ServerClock implements Clock {
  #offset = 0;
  #half = Number.POSITIVE_INFINITY;
  #learnedAt = 0;

  /** @param set called when the server's time is known for the first time: what was dated before was dated by our own */
  constructor(
    private readonly local: Clock,
    private readonly set: () => void = () => undefined,
  ) {}

  /** Whether the server's time is known. */
  isSet = false;

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
    const half = (received - sent) / 2;
    const uncertainty = this.#half + (received - this.#learnedAt) * DRIFT;
    if (!Number.isFinite(serverMs) || half > uncertainty) return;
    this.#offset = serverMs - (sent + half);
    this.#half = half;
    this.#learnedAt = received;
    if (this.isSet) return;
    this.isSet = true;
    this.set();
  }

  /** Another server may have another time: the next sample counts, whatever its round trip. */
  forget(): void {
    this.#half = Number.POSITIVE_INFINITY;
  }
}
