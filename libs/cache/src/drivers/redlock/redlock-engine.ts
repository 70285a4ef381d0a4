import type { Unsubscribe } from '../../core/events/event-hub.js';
import type {
  Extension,
  HeldLock,
  JointAnswer,
  LockAnswer,
  LockBusy,
  LockClaim,
  LockEngine,
  LockGrant,
} from '../../core/locks/lock-engine.js';
import type { Clock } from '../../core/shared/clock.js';
import type { Random } from '../../core/shared/random.js';
import type { RedlockClass, RedlockLock, RedlockStats } from './load-redlock.js';
import { QuorumTokens } from './quorum-tokens.js';
import { RedlockServer, type IndependentServer } from './redlock-server.js';

export interface RedlockParts {
  readonly Redlock: RedlockClass;
  /** Three or more, of which none knows of the others. */
  readonly servers: readonly IndependentServer[];
  readonly clock: Clock;
  readonly random: Random;
  /** The full key of a lock's name. */
  readonly keyOf: (name: string) => string;
}

/** Of the ttl, what clocks of servers may part while it lasts; and 2 ms more, as redlock counts. */
const DRIFT = 0.01;
const DRIFT_MS = 2;

/** Nobody tells when such a lock is free: it is asked for again. */
const POLL_MS = 50;

/**
 * Redlock (antirez, 2016) over independent servers, by the package of that name: a lock is held where a majority says so.
 * The package never waits here (`retryCount: 0`): waiting, it counts the time from before its tries and lets two run at
 * once. Its version 5 gives out a lock whose majority came too late; that is checked here as version 4 did. There is no
 * line: who waits asks again.
 */
export class RedlockEngine implements LockEngine {
  readonly #redlock: InstanceType<RedlockClass>;
  readonly #tokens: QuorumTokens;
  readonly #majority: number;
  readonly #held = new Map<string, RedlockLock>();

  constructor(private readonly parts: RedlockParts) {
    const servers = parts.servers.map((server) => new RedlockServer(server, parts.clock));
    this.#redlock = new parts.Redlock(servers, { retryCount: 0, driftFactor: DRIFT });
    this.#tokens = new QuorumTokens(servers);
    this.#majority = Math.floor(servers.length / 2) + 1;
  }

  async claim(claim: LockClaim): Promise<LockAnswer> {
    const { clock, keyOf } = this.parts;
    const sentAt = clock.now();
    const key = keyOf(claim.name);
    let lock: RedlockLock;
    try {
      lock = await this.#redlock.acquire([key], claim.ttl);
    } catch (error) {
      await this.#answered(error);
      return this.#busy();
    }
    try {
      const grant = await this.#granted(key, claim, sentAt);
      if (grant === undefined) return await this.#tooLate(lock);
      this.#held.set(claim.owner, lock);
      return grant;
    } catch (error) {
      await this.#tooLate(lock);
      throw error;
    }
  }

  /** Servers that know nothing of each other keep nothing together. */
  async claimAll(): Promise<JointAnswer> {
    return { kind: 'apart' };
  }

  async extend(held: HeldLock): Promise<Extension | undefined> {
    const lock = this.#held.get(held.owner);
    if (lock === undefined) return undefined;
    const sentAt = this.parts.clock.now();
    let extended: RedlockLock;
    try {
      extended = await lock.extend(held.ttl);
    } catch (error) {
      await this.#answered(error);
      return undefined;
    }
    // It may have been released meanwhile, behind this on every connection.
    if (this.#held.get(held.owner) !== lock) return undefined;
    this.#held.set(held.owner, extended);
    if (!this.#isValid(held.ttl, sentAt)) return undefined;
    // Nobody stands in line, so nobody is known to wait: the lock is given up now and then, as if somebody did.
    return { sentAt, isWaitedFor: true };
  }

  async release(held: HeldLock): Promise<void> {
    const lock = this.#held.get(held.owner);
    this.#held.delete(held.owner);
    await lock?.release();
  }

  async leave(): Promise<void> {}

  onFree(): Unsubscribe {
    return () => undefined;
  }

  close(): void {
    this.#held.clear();
  }

  /** `undefined` when the time was over before everything was done. */
  async #granted(key: string, { ttl, tokens, above }: LockClaim, sentAt: number): Promise<LockGrant | undefined> {
    if (!this.#isValid(ttl, sentAt)) return undefined;
    const token = await this.#tokens.next(key.concat(',tokens'), tokens, above);
    if (!this.#isValid(ttl, sentAt)) return undefined;
    return { kind: 'granted', token, last: token + BigInt(tokens) - 1n, durability: 'replicated', sentAt };
  }

  #isValid(ttl: number, sentAt: number): boolean {
    return this.parts.clock.now() - sentAt < ttl - ttl * DRIFT - DRIFT_MS;
  }

  async #tooLate(lock: RedlockLock): Promise<LockBusy> {
    // What cannot be released ends with its time.
    await lock.release().catch(() => undefined);
    return this.#busy();
  }

  #busy(): LockBusy {
    return { kind: 'busy', freeIn: POLL_MS * (1 + this.parts.random()) };
  }

  /** A refusal of the majority is an answer. @throws {Error} where no majority answers. */
  async #answered(refusal: unknown): Promise<void> {
    const { servers } = this.parts;
    const against = [...(await lastVotes(refusal)).values()];
    const away = against.filter(({ name }) => name !== 'ResourceLockedError');
    if (servers.length - away.length >= this.#majority) return;
    throw new Error(`no majority of the ${servers.length} servers answers`, { cause: away[0] });
  }
}

/** Who voted against, once all have voted. redlock asks nobody about a lock whose time is over. */
async function lastVotes(refusal: unknown): Promise<RedlockStats['votesAgainst']> {
  if (typeof refusal !== 'object' || refusal === null || !('attempts' in refusal)) throw refusal;
  const [stats] = refusal.attempts as readonly Promise<RedlockStats>[];
  return (await stats)?.votesAgainst ?? new Map();
}
