import type { Entry } from '../entry/entry.js';

export type MaybePromise<T> = T | Promise<T>;

/** `hot`: memory; `warm`: SSD; `cold`: disk; `shared`: Redis. */
export type LayerName = 'hot' | 'warm' | 'cold' | 'shared';

/** `older`: something newer is there. `too-large`: the entry alone exceeds the layer. */
export type StoreOutcome = 'stored' | 'older' | 'too-large';

/**
 * Why a value is stored. `load`: the source was read, which is no news. `write`: it was changed, and everybody is told.
 * `contested`: as `write`, but others wrote beside it, so that nothing but its source version can place it. Where the same
 * version is there already (a timestamp of whole seconds, say) nobody knows which is the newer: it is refused as `older`.
 */
export type StoreCause = 'load' | 'write' | 'contested';

/**
 * What a caller waits for the layers below memory at most, ms: no command outlives it, neither in the caller nor in a server
 * that was stopped and goes on.
 */
export const ANSWER_MS = 1_000;

/** How long a layer remembers the version of a removed value, so that a late write of an older one is refused. */
export const TOMBSTONE_MS = 60_000;

/**
 * One place that holds entries. Synchronous layers answer without a promise, so that a hit costs no extra tick.
 * Not in the port: loading, jitter and single flight (`core/cache`), and telling other processes (`core/coherence`).
 */
export interface Layer {
  readonly name: LayerName;
  /** What is kept under the key, fresh or not, tombstones included; `undefined`: nothing known. */
  read(key: string): MaybePromise<Entry | undefined>;
  /** Keeps the entry unless something newer is there. Times are kept in whole milliseconds at least. */
  store(key: string, entry: Entry, cause: StoreCause): MaybePromise<StoreOutcome>;
  /**
   * Removes the value and leaves a tombstone with its versions for `TOMBSTONE_MS`. A layer that other processes write
   * raises the assigned version to this moment at least, also where it knew nothing of the key: what they began to load
   * before is older and is refused.
   */
  remove(key: string): MaybePromise<void>;
  /**
   * Makes the value no longer fresh, as if its `ttl` ended now: `freshUntil` becomes 0, and it stays of use as stale for
   * as long as it would have been after its end, at most. A layer that other processes write raises its assigned version as in `remove`, and
   * leaves a tombstone where it holds no value.
   */
  expire(key: string): MaybePromise<void>;
  /** Gives up everything it holds. */
  close(): MaybePromise<void>;
}

/** A layer in this process's memory: answers at once. */
export interface LocalLayer extends Layer {
  /**
   * The fresh value as a promise, ready for any caller. `undefined`: no fresh value, or one that is not every caller's
   * in the same view; then `peek` knows.
   */
  hit(key: string): Promise<unknown> | undefined;
  /** The fresh value as it is kept, for callers that need a view of their own; `undefined`: no fresh value. */
  peek(key: string): Kept | undefined;
  read(key: string): Entry | undefined;
  store(key: string, entry: Entry, cause: StoreCause): StoreOutcome;
  remove(key: string): void;
  expire(key: string): void;
  /**
   * Drops what it has and remembers nothing: another process has changed the key and holds what is newer. Without a key
   * it forgets every one, in a time that does not depend on their number.
   */
  forget(key?: string): void;
  close(): void;
}

/** A value as a local layer keeps it: plain and frozen. */
export interface Kept {
  readonly value: unknown;
  /** Whether it may be handed out as it is: it holds nothing that cannot be frozen. */
  readonly shareable: boolean;
}
