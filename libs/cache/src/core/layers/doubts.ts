import type { EntryHeader, ValueEntry } from '../entry/entry.js';
import type { LocalLayer } from './layer.js';

/** What a local layer does about entries that may be outdated, because something went unheard. */
export interface Doubts {
  /**
   * Nothing that is kept is served any more until it was looked at (`confirm`) or replaced; what is stored from now on is.
   * O(1): each entry is looked at when somebody asks for it. With a key: only that one.
   */
  doubt(key?: string): void;
  /**
   * What is kept may be over: nothing that is in no doubt is served before its tags, or the clears of its cache, were
   * looked at. O(1).
   */
  recheck(): void;
  /** Nothing is served at all, whatever is confirmed or stored, until `doubt`. O(1). */
  suspend(): void;
  /** A value that would be served were it not for the doubt. */
  doubted(key: string): ValueEntry | undefined;
  /**
   * A value that is no longer fresh, may be served as stale, and is not in doubt. One that was made stale (`expire`) has a
   * `freshUntil` of 0.
   */
  stale(key: string): ValueEntry | undefined;
  /** The value of this version is current after all. */
  confirm(key: string, version: EntryHeader['version']): void;
}

/** What a local layer knows of values that are to be loaded anew before their time is over. */
export interface Dues {
  /**
   * Whether a fresh value's `refreshAt` is over: said once. From that time on `hit` gives no answer, so that its caller asks
   * here, and `peek` does; once it was said, both do until the time of the value is over.
   */
  takeDue(key: string): boolean;
}

/** The layer nearest to the caller. */
export type HotLayer = LocalLayer & Doubts & Dues;

/** Says what is known of an entry without its value, which costs the same whatever its size. */
export interface Headers {
  /** The header of the value under the key; `undefined`: there is no value. */
  header(key: string): Promise<EntryHeader | undefined>;
}
