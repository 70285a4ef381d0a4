import type { MaybePromise } from '../layers/layer.js';

/** `delete`: no entry with the tag is served any more. `expire`: none is fresh any more. */
export type TagMode = 'delete' | 'expire';

/** What is known of a tag and of the named cache that it belongs to. Numbers of invalidations; 0: none. */
export interface TagLook {
  /** The number of the last invalidation in the cache. */
  readonly generation: number;
  /** Entries that were loaded under a lower number are over, whatever their tags. */
  readonly floor: number;
  /** When the tag was expired last. */
  readonly expired: number;
  /** When it was deleted last. */
  readonly deleted: number;
}

/** Tags to invalidate; without any, everything that the cache holds. */
export interface Bump {
  readonly tags: readonly string[];
  readonly mode: TagMode;
  /** The highest number that the caller has seen: the new one is above it. */
  readonly seen: number;
}

/** The longest that an entry with tags may live: what is remembered of a tag must outlive it. Milliseconds. */
export const TAGGED_LIFE_MS = 30 * 24 * 3_600_000;

/** Tags of one cache that are remembered. Beyond it those invalidated longest ago are forgotten by raising the floor. */
export const MOST_TAGS_KNOWN = 200_000;

/**
 * Counts invalidations, in each named cache by itself: the generation. It remembers for each tag the number of its last
 * one, and forgets only by raising the floor. What it has lost altogether begins anew with a floor above all that was.
 */
export interface TagStore {
  /** What is known of the tag; `''`: of the cache alone. `seen` as in a bump. */
  look(cache: string, tag: string, seen: number): MaybePromise<TagLook>;
  /** Invalidates tags, and tells everybody. The number of this invalidation. */
  bump(cache: string, bump: Bump): MaybePromise<number>;
}
