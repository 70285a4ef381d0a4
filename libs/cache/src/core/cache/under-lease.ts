import { failureOf } from '../coherence/failure.js';
import type { Lease, LoadWord } from '../coherence/lease.js';
import type { FleetParts } from './parts.js';

/** A load that the whole fleet waits for. */
export interface LeasedLoad<T> {
  readonly load: () => Promise<T>;
  /** Whether what it gave is on its way into the layers, which will tell the others. */
  readonly isFilling: () => boolean;
}

/** Holds the lease for as long as the load runs. Whoever waits for it elsewhere is told when nothing comes of it. */
export async function underLease<T>(
  { fence, renewal }: FleetParts,
  lease: Lease,
  { load, isFilling }: LeasedLoad<T>,
): Promise<T> {
  const give = (news: LoadWord): void => {
    // Otherwise it ends by itself.
    void fence.yield(lease, news).catch(() => undefined);
  };
  renewal.hold(lease);
  try {
    const outcome = await load();
    if (!isFilling()) give('unfilled');
    return outcome;
  } catch (error) {
    // What ended the load of this process alone is no reason for others: they load for themselves.
    give(failureOf(error) ?? 'unfilled');
    throw error;
  } finally {
    renewal.release(lease);
  }
}
