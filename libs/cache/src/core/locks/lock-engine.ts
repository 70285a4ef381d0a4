import type { Unsubscribe } from '../events/event-hub.js';

/**
 * How much a granted lock survives. `local`: the one server that granted it has it; a failover may lose it, and then two
 * hold it. `replicated`: its replicas have confirmed it, at the grant and at every renewal.
 */
export type Durability = 'local' | 'replicated';

/** Somebody asks for a name. */
export interface LockClaim {
  readonly name: string;
  /** Who asks: 128 random bits, used again only for the same claim while its answer has not come. */
  readonly owner: string;
  /** How long the lock stays without being extended, ms. */
  readonly ttl: number;
  /** Absent: `replicated` where the place has replicas. */
  readonly durability: Durability | undefined;
  /** What becomes of a grant that too few replicas confirm. */
  readonly whenUndurable: 'refuse' | 'local';
  /** How many tokens are set aside, for those whom the owner lets in one after another. */
  readonly tokens: number;
  /** Every token will be above this: the highest that the caller has seen for the name. */
  readonly above: bigint;
  /** Stand in line where it is busy. Ask again within `ASK_AGAIN_MS`, to keep the place and not to miss its turn. */
  readonly queue: boolean;
}

export interface LockGrant {
  readonly kind: 'granted';
  /** The first of the tokens that were set aside, and the last. */
  readonly token: bigint;
  readonly last: bigint;
  readonly durability: Durability;
  /** The lock ends its `ttl` after this, on the clock of this process. */
  readonly sentAt: number;
}

export interface LockBusy {
  readonly kind: 'busy';
  /** After so many ms it may be free though nobody says so. */
  readonly freeIn: number;
}

export type LockAnswer = LockGrant | LockBusy;

/** What becomes of several names that are asked for at once. */
export type JointAnswer =
  /** All of them, in the order of the claims. */
  | { readonly kind: 'granted'; readonly grants: readonly LockGrant[] }
  /** None of them: these are somebody else's, or kept for somebody. */
  | { readonly kind: 'busy'; readonly names: readonly string[] }
  /** They are not kept in one place, and nothing was done: ask for one after the other. */
  | { readonly kind: 'apart' };

/** The lock that was granted to an owner. */
export interface HeldLock {
  readonly name: string;
  readonly owner: string;
  readonly ttl: number;
  /** As granted. */
  readonly durability: Durability;
}

export interface Extension {
  /** The lock ends its `ttl` after this. */
  readonly sentAt: number;
  /** Somebody else stands in line. */
  readonly isWaitedFor: boolean;
}

/**
 * Where locks are kept. Everything answers within a bounded time, or rejects; after a rejection nobody knows whether it
 * was done.
 */
export interface LockEngine {
  /**
   * @throws {LockNotReplicatedError} when too few replicas confirmed and the claim refuses that; it is not held then.
   */
  claim(claim: LockClaim): Promise<LockAnswer>;
  /**
   * All of these or none, in one step: nobody sees some of them taken. Nobody stands in line.
   * @param claims of one owner and on the same terms, each of another name
   * @throws as `claim`.
   */
  claimAll(claims: readonly LockClaim[]): Promise<JointAnswer>;
  /** @returns `undefined` when the owner does not hold it any more. Rejects where replicas do not confirm. */
  extend(held: HeldLock): Promise<Extension | undefined>;
  /**
   * Nothing happens when the owner does not hold it any more.
   * @param used the highest token that was given to anybody: those behind it are free again
   */
  release(held: HeldLock, used: bigint): Promise<void>;
  /** Gives up the owner's place in line. */
  leave(name: string, owner: string): Promise<void>;
  /** Tells that it is now the turn of somebody who stands in line here; a message may be lost. */
  onFree(listener: (name: string) => void): Unsubscribe;
  /** Ends what goes on in the background. */
  close(): void;
}
