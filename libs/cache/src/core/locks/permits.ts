import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import { Holding } from './holding.js';
import type { LockTerms } from './lock-options.js';
import type { PermitAnswer, PermitEngine, PermitRequest } from './permit-engine.js';
import { Pause } from './pause.js';
import { PermitTenure } from './permit-tenure.js';

/** Some of the permits of a name. */
export interface PermitShare {
  readonly name: string;
  readonly weight: number;
  readonly capacity: number;
}

type Granted = Extract<PermitAnswer, { granted: true }>;

export interface PermitsParts {
  readonly engine: PermitEngine;
  readonly clock: Clock;
  readonly events: EventHub;
}

/** So long a place in the queue outlives a process that died: it delays those behind it no longer. */
const PLACE_MS = 1_000;
/** Who waits asks again so often: it keeps the place, and an offer may have been lost. */
const ASK_MS = 400;
/** Not more often, though a lease ahead seems to end at once. */
const SOONEST_MS = 5;

/** Waits for permits, in the order in which the engine lets them in. */
export class Permits {
  #highest = 0n;

  constructor(private readonly parts: PermitsParts) {}

  /**
   * @returns `undefined` when they were not free within `wait`.
   * @throws the signal's reason when it aborts first; what the engine throws.
   */
  async acquire(share: PermitShare, terms: LockTerms): Promise<Holding | undefined> {
    const { signal, ttl, wait } = terms;
    signal?.throwIfAborted();
    const owner = this.parts.engine.newOwner();
    const request = { ...share, owner, ttl, place: wait > 0 ? PLACE_MS : 0, above: this.#highest };
    const pause = new Pause(this.parts.clock);
    const hear = () => pause.end();
    const forget = wait > 0 ? this.parts.engine.onOffer(owner, hear) : () => undefined;
    signal?.addEventListener('abort', hear);
    let granted: Holding | undefined;
    try {
      granted = await this.#wait(request, pause, terms);
      return granted;
    } finally {
      forget();
      signal?.removeEventListener('abort', hear);
      if (granted === undefined) this.#leave(request);
    }
  }

  async #wait(request: PermitRequest, pause: Pause, { signal, wait }: LockTerms): Promise<Holding | undefined> {
    const { clock, engine } = this.parts;
    const since = clock.now();
    for (;;) {
      pause.begin();
      const answer = await engine.acquire(request);
      signal?.throwIfAborted();
      const waited = clock.now() - since;
      if (answer.granted) return this.#granted(request, answer, waited);
      if (waited >= wait) return this.#late(request, waited);
      await pause.until(Math.min(Math.max(answer.retryIn, SOONEST_MS), ASK_MS, wait - waited));
      signal?.throwIfAborted();
    }
  }

  /** Hears of no offer any more. What is held ends by itself. */
  close(): void {
    this.parts.engine.close();
  }

  /** An answer that took as long as the lease gives a lock that is lost at once. */
  #granted({ name, owner, ttl }: PermitRequest, answer: Granted, waited: number): Holding {
    const { engine, clock, events } = this.parts;
    const { token, sentAt } = answer;
    if (token > this.#highest) this.#highest = token;
    const lost = (): void => {
      const error = holding.lose();
      if (error !== undefined) events.emit({ type: 'lock-lost', name, token, error });
    };
    const tenure = new PermitTenure({ name, owner, ttl, sentAt }, { engine, clock, lost });
    const holding: Holding = new Holding({ name, token }, tenure, () => tenure.end());
    if (events.wants('locked')) events.emit({ type: 'locked', name, token, waited });
    return holding;
  }

  /** One that only tried did not wait. */
  #late({ name, place }: PermitRequest, waited: number): undefined {
    const { events } = this.parts;
    if (place > 0 && events.wants('lock-timeout')) events.emit({ type: 'lock-timeout', name, waited });
  }

  /**
   * Gives back a place, or what was granted though nobody heard of it. Nobody waits for that: what cannot be given back
   * ends by itself.
   */
  #leave({ name, owner }: PermitRequest): void {
    this.parts.engine.release(name, owner).catch(() => undefined);
  }
}
