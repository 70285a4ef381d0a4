import type { Lease } from '../coherence/lease.js';
import type { Fence } from './fence.js';
import type { StoreCause } from './layer.js';

/** When a value's request was sent, and why it is stored. */
export interface Storing {
  /** The position of the notices then. */
  readonly since: number;
  readonly cause: StoreCause;
}

/** Under which lease a value was loaded, and when that was asked for. */
export interface Filling {
  readonly since: number;
  readonly fence: Pick<Fence, 'fill' | 'yield'>;
  readonly lease: Lease;
}
