import type { CacheError } from '../errors.js';
import type { LayerName } from '../layers/layer.js';

/**
 * Everything the cache tells. Logs, metrics and tests subscribe; nothing in `core` knows who listens.
 * `key` is always the full key.
 */
export type CacheEvent =
  /** A read found a fresh value. */
  | { readonly type: 'hit'; readonly key: string; readonly layer: LayerName }
  /** A read found none; a load follows, or the caller joined one. */
  | { readonly type: 'miss'; readonly key: string }
  /** A caller joined a load under way. */
  | { readonly type: 'joined'; readonly key: string }
  /** A loader answered. `ms` is its run time. */
  | { readonly type: 'loaded'; readonly key: string; readonly ms: number }
  /** A loader threw, or its hard timeout passed. */
  | { readonly type: 'load-failed'; readonly key: string; readonly ms: number; readonly error: unknown }
  /** A value was kept. */
  | { readonly type: 'stored'; readonly key: string; readonly bytes: number; readonly ttl: number }
  /** A value was not kept, and why. The caller got it all the same. */
  | { readonly type: 'not-stored'; readonly key: string; readonly reason: NotStoredReason }
  /** A value was removed or marked as no longer fresh by its user. */
  | { readonly type: 'deleted' | 'expired'; readonly key: string }
  /** An entry left a layer to make room, or because its time was over. */
  | { readonly type: 'evicted'; readonly key: string; readonly layer: LayerName; readonly cause: 'size' | 'ttl' }
  /** A decorated read ran uncached because its key or its value cannot be cached. `method` is `Class.method`. */
  | {
      readonly type: 'uncached';
      readonly method: string;
      readonly key?: string | undefined;
      readonly error: CacheError;
    }
  /** A write reached the source, but its cached value had to be dropped instead of updated. */
  | { readonly type: 'write-uncached'; readonly key: string; readonly error: CacheError };

export type CacheEventType = CacheEvent['type'];

export type NotStoredReason =
  /** The loader gave `undefined`, which means "not known". */
  | 'undefined'
  /** The key was written, deleted or expired while the loader ran. */
  | 'invalidated'
  /** Something newer is there. */
  | 'older'
  /** The layer that decides could not be asked. */
  | 'failed'
  /** The value alone is larger than the layer. */
  | 'too-large';

export type EventOf<T extends CacheEventType> = Extract<CacheEvent, { type: T }>;

const EVERY_TYPE: Readonly<Record<CacheEventType, true>> = {
  hit: true,
  miss: true,
  joined: true,
  loaded: true,
  'load-failed': true,
  stored: true,
  'not-stored': true,
  deleted: true,
  expired: true,
  evicted: true,
  uncached: true,
  'write-uncached': true,
};

/** Every type there is, for those who listen to all. */
export const EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly CacheEventType[];
