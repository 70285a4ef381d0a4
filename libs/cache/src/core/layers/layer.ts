import type { Entry } from '../entry/entry.js';

export type MaybePromise<T> = T | Promise<T>;

/** `hot`: memory; `warm`: SSD; `cold`: disk; `shared`: Redis. */
export type LayerName = 'hot' | 'warm' | 'cold' | 'shared';

/** `older`: something newer is there. `too-large`: the entry alone exceeds the layer. */
export type StoreOutcome = 'stored' | 'older' | 'too-large';

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
  store(key: string, entry: Entry): MaybePromise<StoreOutcome>;
  /**
   * Removes the value and leaves a tombstone with its versions for `TOMBSTONE_MS`. For a key it does not know a layer of
   * this process leaves nothing; one that other processes write leaves a tombstone of this moment, for their late fills.
   */
  remove(key: string): MaybePromise<void>;
  /** Makes the value no longer fresh. */
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
  store(key: string, entry: Entry): StoreOutcome;
  remove(key: string): void;
  expire(key: string): void;
  close(): void;
}

/** A value as a local layer keeps it: plain and frozen. */
export interface Kept {
  readonly value: unknown;
  /** Whether it may be handed out as it is: it holds nothing that cannot be frozen. */
  readonly shareable: boolean;
}
