import type { Lease, LoadWord, SharedIntent } from '../coherence/lease.js';
import type { ValueEntry } from '../entry/entry.js';

/**
 * What asking for a lease gives. `found`: another process has loaded the key meanwhile. `closed`: somebody is writing the
 * key, so what is loaded now may be outdated at once: nobody keeps it.
 */
export type Claim =
  | { readonly kind: 'mine'; readonly lease: Lease }
  | { readonly kind: 'found'; readonly entry: ValueEntry }
  | {
      readonly kind: 'busy';
      /** When the other's lease ends unless it is renewed, ms from now. */
      readonly freeIn: number;
    }
  | { readonly kind: 'closed' };

/**
 * How a writer ends: `entry` is what it would have kept, nothing where it only removes. Without an entry no version tells
 * of what it did, so no other writer under way may keep anything either.
 */
export interface Ending {
  /** Nothing where nobody confirmed that it began. */
  readonly intent: SharedIntent | undefined;
  readonly entry: ValueEntry | undefined;
  /** Whether nobody in this process wrote the key meanwhile. Else only a version of the source can place the entry. */
  readonly isAlone: boolean;
}

/** `older`: the source calls what is there newer. `removed`: nobody knows whose value is the newest, and none is kept. */
export type Ended = 'stored' | 'older' | 'removed';

/**
 * What the processes of a fleet agree on about a key before they load or write it, so that a stale value cannot creep in:
 * one loads at a time; whatever changes the key voids the lease, and what is loaded under a void one is not kept; nothing
 * is kept while somebody writes. All of it is in the entry's own header: it comes and goes with the key.
 */
export interface Fence {
  /** @param overUpTo values up to this version are over, whatever they say themselves. Default 0: none is. */
  claim(key: string, overUpTo?: number): Promise<Claim>;
  /** Gives a lease its full time again. `false`: it is void. */
  renew(lease: Lease): Promise<boolean>;
  /** Keeps what was loaded. `false`: the lease is void, and nothing was kept. */
  fill(lease: Lease, entry: ValueEntry): Promise<boolean>;
  /** Gives the lease back and tells those who wait why. */
  yield(lease: Lease, news: LoadWord): Promise<void>;
  /** Voids leases, makes the value stale, and lets nothing be kept until the write ends or `SAVE_MS` are over. */
  begin(key: string): Promise<SharedIntent>;
  end(key: string, ending: Ending): Promise<Ended>;
  /**
   * Removes what is older than this version, and tells everybody: the key was changed, and what it had came back. `true`:
   * something was removed.
   */
  revoke(key: string, assigned: number): Promise<boolean>;
}
