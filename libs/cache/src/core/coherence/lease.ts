import type { Failure } from './failure.js';

/** A lease ends after so many ms, unless its holder renews it. */
export const LEASE_MS = 2_000;

/** A save that takes longer may be overtaken by others: its value is not kept. Milliseconds. */
export const SAVE_MS = 10_000;

/** The right to load a key and keep what was loaded, which one process of the fleet has at a time. */
export interface Lease {
  readonly key: string;
  /** Tells this lease from every other. */
  readonly id: Uint8Array;
  /** The version of what is loaded under it: everything that happens to the key from here on is above it. */
  readonly assigned: number;
}

/** Looks at leases without touching them. */
export interface LeaseLook {
  /** Whether the lease is still what lies under its key. */
  stands(lease: Lease): Promise<boolean>;
}

/** What became of a load that others wait for. `unfilled`: it gave what is not kept. */
export type LoadNews = 'stored' | 'failed' | 'unfilled';

/** The same, with the reason of a load that failed, where others may know it. */
export type LoadWord = LoadNews | Failure;

/** A write under way, as the fleet knows it. */
export interface SharedIntent {
  /** Tells it from every other. */
  readonly id: Uint8Array;
  /** When it lapses, server ms. */
  readonly until: number;
}
