import { LockTimeoutError } from '../errors.js';
import type { EventHub } from '../events/event-hub.js';
import type { Clock } from '../shared/clock.js';
import { Holding } from './holding.js';
import type { LockTerms } from './lock-options.js';
import type { PermitAnswer, PermitEngine, PermitRequest } from './permit-engine.js';
import { Pause } from './pause.js';
import { PermitTenure } from './permit-tenure.js';
import { told } from './told.js';
import { Waiter } from './waiter.js';
import { tellHeld } from './tell-held.js';

/** Some of the permits of a name. */
export interface PermitShare {
  readonly name: string;
  readonly weight: number;
  readonly capacity: number;
}

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
/** After an answer that did not come. */
const FAILED_AGAIN_MS = 100;

type Granted = Extract<PermitAnswer, { granted: true }>;

/** One caller who wants permits: asks until they are granted, or nobody wants them any more. */
export class PermitClaim {
  readonly #waiter: Waiter;
  readonly #pause: Pause;
  readonly #request: PermitRequest;
  #isOver = false;
  /** Nothing is known there of one that took no place and found no room. */
  #isUnknown = false;
  #failure: unknown;

  /** @param above the highest token that is known */
  constructor(
    private readonly share: PermitShare,
    private readonly ask: { readonly terms: LockTerms; readonly above: bigint },
    private readonly parts: PermitsParts,
  ) {
    const { engine, clock } = parts;
    const { terms, above } = ask;
    this.#pause = new Pause(clock);
    this.#waiter = new Waiter({ clock, terms, isTry: false, gone: (_one, why) => this.#gone(why) });
    const place = this.#waiter.isPatient ? PLACE_MS : 0;
    this.#request = { ...share, owner: engine.newOwner(), ttl: terms.ttl, place, above };
  }

  /** @returns `undefined` when they were not free within `wait`. @throws as `Permits.acquire`. */
  async take(): Promise<Holding | undefined> {
    const { owner } = this.#request;
    const heard = (): void => this.#pause.end();
    const forget = this.#waiter.isPatient ? this.parts.engine.onOffer(owner, heard) : () => undefined;
    this.#waiter.start();
    this.#go().catch((error: unknown) => this.#end(() => this.#waiter.refuse(error)));
    try {
      return await this.#waiter.turn;
    } finally {
      forget();
    }
  }

  async #go(): Promise<void> {
    let holding: Holding | undefined;
    try {
      while (holding === undefined && !this.#isOver) holding = await this.#tried();
    } finally {
      if (holding === undefined && !this.#isUnknown) this.#leave();
    }
    if (this.#isOver) await holding?.release();
    else this.#end(() => this.#waiter.grant(holding));
  }

  /** Asks once, and waits for the next time. */
  async #tried(): Promise<Holding | undefined> {
    this.#pause.begin();
    const answer = await this.#answer();
    if (this.#isOver) return undefined;
    if (answer?.granted === true) return this.#granted(answer);
    if (!this.#waiter.isPatient) this.#late();
    else await this.#pause.until(answer === undefined ? FAILED_AGAIN_MS : pauseOf(answer.retryIn));
    return undefined;
  }

  /** @returns nothing where there was no answer, and asking again may give one. */
  async #answer(): Promise<PermitAnswer | undefined> {
    try {
      const answer = await this.parts.engine.acquire(this.#request);
      this.#isUnknown = !answer.granted && this.#request.place === 0;
      this.#failure = undefined;
      return answer;
    } catch (error) {
      // The same owner asks again, which is harmless where it was done.
      if (!this.#waiter.outwaits(error)) throw told(this.share.name, error);
      this.#failure = error;
      return undefined;
    }
  }

  /** An answer that took as long as the lease gives a lock that is lost at once. */
  #granted({ token, sentAt }: Granted): Holding {
    const { engine, clock, events } = this.parts;
    const { name, owner, ttl } = this.#request;
    const lost = (): void => {
      const error = holding.lose();
      if (error !== undefined) events.emit({ type: 'lock-lost', name, token, error });
    };
    const tenure = new PermitTenure({ name, owner, ttl, sentAt }, { engine, clock, lost });
    const holding: Holding = new Holding({ name, token }, tenure, () => tenure.end());
    holding.released = tellHeld(this.parts, { name, token, since: this.#waiter.since });
    return holding;
  }

  get #waited(): number {
    return this.parts.clock.now() - this.#waiter.since;
  }

  #gone(why: 'late' | 'aborted'): void {
    if (why === 'late') this.#late();
    else this.#end(() => this.#waiter.refuse(this.ask.terms.signal?.reason));
  }

  /** One that only tried did not wait. Who waited for a place that is away is told why. */
  #late(): void {
    const { name, place } = this.#request;
    const { events } = this.parts;
    if (place > 0 && events.wants('lock-timeout')) events.emit({ type: 'lock-timeout', name, waited: this.#waited });
    const { wait } = this.ask.terms;
    if (this.#failure === undefined) this.#end(() => this.#waiter.grant(undefined));
    else this.#end(() => this.#waiter.refuse(noRoom(this.share, wait, this.#failure)));
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pause.end();
    settle();
  }

  /**
   * Gives back a place, or what was granted though nobody heard of it. Nobody waits for that: what cannot be given back
   * ends by itself.
   */
  #leave(): void {
    const { name, owner } = this.#request;
    this.parts.engine.release(name, owner).catch(() => undefined);
  }
}

function pauseOf(retryIn: number): number {
  return Math.min(Math.max(retryIn, SOONEST_MS), ASK_MS);
}

/** @param cause the last answer that did not come */
export function noRoom({ name: key, capacity }: PermitShare, wait: number, cause?: unknown): LockTimeoutError {
  return new LockTimeoutError(
    `There was no room in '${key}' (${capacity} permits) within ${wait} ms and the work did not run. Retry later, raise wait, or shorten the work.`,
    { key, cause },
  );
}
