import { LockTimeoutError } from '../errors.js';
import type { Clock } from '../shared/clock.js';
import type { Duration } from '../shared/duration.js';
import type { Lock } from './lock.js';
import { checkName } from './lock-name.js';
import { type LockOptions, type LockTerms, termsOf } from './lock-options.js';
import type { Locks } from './locks.js';
import { Pause } from './pause.js';

export interface LeaderOptions extends Pick<LockOptions, 'durability' | 'whenUndurable'> {
  /** How long a leader that died is missed before the next takes over, and a second more. Default `'10s'`. */
  ttl?: Duration | undefined;
}

/** Of whoever leads: its token is above that of every leader before. */
export type Mandate = Pick<Lock, 'name' | 'token' | 'signal' | 'assertHeld'>;

/** What a leader does. It ends soon after its signal, and not before it wants to give the leadership away. */
export type LeaderWork = (mandate: Mandate) => Promise<void>;

export interface LeaderParts {
  readonly locks: Pick<Locks, 'acquire'>;
  readonly clock: Clock;
  /** Told what the work threw, and why the lock could not be had. */
  readonly failed: (name: string, error: unknown) => void;
}

const TTL_MS = 10_000;
/** One wait of many for the leadership. */
const WAIT_MS = 60_000;
/** After a failure, or after the work has ended by itself: so that another may lead. */
const AGAIN_MS = 1_000;
/** How long a hand-over waits for work that does not heed its signal. */
const HAND_OVER_MS = 5_000;

/**
 * Stands for the leadership of a name in the fleet, again and again until it is stopped. Of those who stand one leads, as
 * far as a lock can see to that: what must not be done twice takes the token along.
 */
export class Leader {
  readonly #stopping = new AbortController();
  readonly #pause: Pause;
  readonly #ended: Promise<void>;
  /** Of the leadership, while the work runs. */
  #leading: AbortSignal | undefined;
  readonly #terms: LockTerms;

  /** @throws {CacheConfigError} for a wrong name or option. */
  constructor(
    readonly name: string,
    private readonly campaign: { readonly work: LeaderWork; readonly options?: LeaderOptions | undefined },
    private readonly parts: LeaderParts,
  ) {
    checkName(name);
    const { ttl = TTL_MS, durability, whenUndurable } = campaign.options ?? {};
    this.#terms = termsOf({ ttl, durability, whenUndurable, wait: WAIT_MS, signal: this.#stopping.signal });
    this.#pause = new Pause(parts.clock);
    this.#ended = this.#stand();
  }

  /** Whether this process leads now. */
  get isLeading(): boolean {
    return this.#leading?.aborted === false;
  }

  /**
   * Hands over: the signal of the work aborts, and once the work has ended the next one leads. Resolves then, or after 5 s:
   * the leadership of work that does not end is not given away, it ends with the process.
   */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`the leadership of '${this.name}' is handed over`));
    this.#pause.end();
    const patience = new Pause(this.parts.clock);
    patience.begin();
    void this.#ended.then(() => patience.end());
    await patience.until(HAND_OVER_MS);
  }

  /** Resolves when it stands no more and its work has ended. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #stand(): Promise<void> {
    while (!this.#isStopped) {
      this.#pause.begin();
      const lock = await this.#elected();
      if (lock !== undefined) await this.#lead(lock);
      if (!this.#isStopped) await this.#pause.until(AGAIN_MS);
    }
  }

  async #elected(): Promise<Lock | undefined> {
    try {
      return await this.parts.locks.acquire(this.name, this.#terms);
    } catch (error) {
      // To wait in vain is what all but one do.
      if (!this.#isStopped && !(error instanceof LockTimeoutError)) this.parts.failed(this.name, error);
      return undefined;
    }
  }

  async #lead(lock: Lock): Promise<void> {
    const signal = AbortSignal.any([lock.signal, this.#stopping.signal]);
    this.#leading = signal;
    try {
      const { name, token } = lock;
      if (!signal.aborted) await this.campaign.work({ name, token, signal, assertHeld: () => lock.assertHeld() });
    } catch (error) {
      if (!signal.aborted) this.parts.failed(this.name, error);
    } finally {
      this.#leading = undefined;
      await lock.release();
    }
  }
}
