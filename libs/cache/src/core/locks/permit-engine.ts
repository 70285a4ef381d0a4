/** What one holder asks for. */
export interface PermitRequest {
  /** One segment, as names of locks are. */
  readonly name: string;
  /** From `newOwner`: the same for every try of one holder. */
  readonly owner: string;
  /** How many permits it takes, 1 to `capacity`. */
  readonly weight: number;
  /** How many permits the name has. Whoever asked last decides. */
  readonly capacity: number;
  /** How long the permits are its own unless renewed, ms. */
  readonly ttl: number;
  /** How long its place in the queue is kept unless it asks again, ms; 0: it takes none. */
  readonly place: number;
  /** The token will be above this: the highest that the caller has seen. */
  readonly above: bigint;
}

export type PermitAnswer =
  /** The token is above that of every earlier holder of the name. The lease ends `ttl` after `sentAt`, local time. */
  | { readonly granted: true; readonly token: bigint; readonly sentAt: number }
  /** `retryIn`: when a lease or a place ahead ends by itself, ms; an offer may come sooner. */
  | { readonly granted: false; readonly retryIn: number };

/**
 * Leased permits: so many at a time, first come first served. A request that does not fit holds back those behind it,
 * however small: so a writer is not starved by readers. Permits that are not renewed are free again when their lease
 * ends. Everything answers within a bounded time, or rejects; after a rejection nobody knows whether it was done, and
 * asking again with the same owner is harmless.
 *
 * Port; `test/contracts/permits.contract.ts` holds what every engine keeps to.
 */
export interface PermitEngine {
  /** The id of a new holder, known to nobody else. Offers reach the engine that made it. */
  newOwner(): string;
  /** Takes permits or a place in the queue. Who holds them already has its lease renewed, who waits keeps its place. */
  acquire(request: PermitRequest): Promise<PermitAnswer>;
  /** @returns the `sentAt` from which the lease now lasts its `ttl`; `undefined` when the permits are not held. */
  renew(name: string, owner: string, ttl: number): Promise<number | undefined>;
  /** Gives back the permits, or the place in the queue. To have neither is no error. */
  release(name: string, owner: string): Promise<void>;
  /** Tells this owner when it is worth asking again, until the returned function is called. An offer may get lost. */
  onOffer(owner: string, heard: () => void): () => void;
  /** Listens to nobody any more. Another time does nothing. */
  close(): void;
}
