import type { Fence } from './fence.js';
import type { Layer } from './layer.js';

/**
 * Where processes share entries, asked so that a failover can neither take back what was said nor answer with what it has
 * missed: nothing is answered before all replicas of the key's server have confirmed it. What they do not confirm in time
 * fails, and may have been done all the same.
 */
export interface StrictPlace {
  readonly layer: Pick<Layer, 'read' | 'store' | 'remove' | 'expire'>;
  readonly fence: Pick<Fence, 'begin' | 'end'>;
  /** @throws {CacheConfigError} where the servers cannot keep this promise: no replicas, or they may forget. */
  check(): Promise<void>;
}
