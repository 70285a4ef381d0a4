import type { Cancel, Clock } from '../shared/clock.js';

export interface BreakerRules {
  /** Calls in a row without an answer in time, until nobody is asked any more. */
  readonly failures: number;
  /** From then on it is asked by a probe this often, ms. */
  readonly retryAfter: number;
}

export interface BreakerParts {
  readonly rules: BreakerRules;
  readonly clock: Clock;
  /** Asks whoever does not answer. Resolves when he does, within a bounded time. */
  readonly probe: () => Promise<void>;
  readonly opened: () => void;
  /** It answers again, or had not failed often enough. Nobody need keep this breaker. */
  readonly closed: () => void;
}

/**
 * Keeps callers from waiting for somebody who does not answer. One pause is no outage, however many wait in it: the last
 * of the failures in a row was asked after the first had been given up. Who asks while it is open is told so at once; the
 * probe that closes it again is made in the background, so that no caller waits for that either.
 */
export class Breaker {
  #failures = 0;
  #firstGivenUp = 0;
  #isOpen = false;
  #isDone = false;
  #isProbing = false;
  #cancel: Cancel | undefined;

  constructor(private readonly parts: BreakerParts) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Something that was asked at that time was not answered in time. */
  failed(askedAt: number): void {
    if (this.#isOpen || this.#isDone) return;
    const { rules, clock, opened } = this.parts;
    if (this.#failures === 0) this.#firstGivenUp = clock.now();
    this.#failures += 1;
    const isOutage = rules.failures === 1 || askedAt >= this.#firstGivenUp;
    if (this.#failures < rules.failures || !isOutage) return;
    this.#isOpen = true;
    this.#probeLater();
    opened();
  }

  /** Something was answered in time. What had been asked before it opened proves nothing any more. */
  answered(): void {
    if (!this.#isOpen) this.#end();
  }

  /** Asks now, because there is reason to believe that it answers again. */
  probe(): void {
    if (!this.#isOpen || this.#isProbing) return;
    this.#cancel?.();
    this.#isProbing = true;
    this.parts.probe().then(
      () => this.#end(),
      () => {
        this.#isProbing = false;
        if (!this.#isDone) this.#probeLater();
      },
    );
  }

  /** Asks no more. */
  stop(): void {
    this.#isDone = true;
    this.#cancel?.();
  }

  #probeLater(): void {
    this.#cancel = this.parts.clock.after(this.parts.rules.retryAfter, () => this.probe());
  }

  #end(): void {
    if (this.#isDone) return;
    this.stop();
    this.#isOpen = false;
    this.parts.closed();
  }
}
