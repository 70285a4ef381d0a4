import type { CacheError } from '../errors.js';
import type { StaleReason } from '../events/cache-event.js';
import type { Kept } from '../layers/layer.js';

/** What a load came to. */
export type Outcome =
  /** A value safe to hand out. */
  | {
      readonly kind: 'kept';
      readonly kept: Kept;
      /** Why it is not a fresh one. */
      readonly stale?: StaleReason | undefined;
    }
  /** The loader gave `undefined`. */
  | { readonly kind: 'nothing' }
  /** A value that no layer can keep. */
  | { readonly kind: 'refused'; readonly loaded: unknown; readonly error: CacheError };
