import type { LoadWord } from './lease.js';

/**
 * What happened to a key: a new value, one that is no longer fresh (a save that begins, too), or none any more. `void`:
 * any of these or nothing, for whoever tells of it has had no answer.
 */
export type NoticeKind = 'set' | 'expire' | 'delete' | 'void' | TagNoticeKind;

/** Entries with some tags are over, or all entries of a cache. In the place of a key stands what `tagNoticeText` says. */
export type TagNoticeKind = 'tag' | 'clear';

/** What processes tell each other of a key. Never the value. */
export interface Notice {
  /** Which process it comes from. */
  readonly publisher: string;
  /** Counts the messages of a publisher, from 1; never given twice, but for the `void` of a message that may be lost. */
  readonly number: number;
  readonly kind: NoticeKind;
  /** The version that was assigned; 0 in a `void`. */
  readonly assigned: number;
  /** The full key; of tags what they are. */
  readonly key: string;
}

/** How often whoever changes keys says how far it has come, ms. */
export const BEAT_MS = 1_000;

/** How long a number may be on its way after a beat that counts it: the nodes of a cluster deliver in no common order. */
export const GRACE_MS = 200;

/** So many beats in a row may be missing. */
export const BEATS_MISSED = 3;

/** Says how far a publisher has come, so that what was lost on the way is missed. */
export interface Beat {
  readonly publisher: string;
  /** The last number before this time of activity. */
  readonly from: number;
  /** How long ago that time began, ms. */
  readonly age: number;
  /** No message up to this number is still to come. */
  readonly settled: number;
  /** The highest number that was given. */
  readonly taken: number;
  /** No other follows until there is something to tell again: a good-bye, too, says no more than this. */
  readonly isLast: boolean;
}

/**
 * What shows that a message was lost. `lost`: its number never came; `silent`: its publisher ended without a word;
 * `unheard`: what this process told itself did not come back.
 */
export type GapCause = 'lost' | 'silent' | 'unheard';

/** Something that another process changed went unheard. */
export interface Gap {
  readonly cause: GapCause;
  /** Whose messages are missing; our own id where they are our own. */
  readonly publisher: string;
}

/** Who acts on what other processes do. None of its methods may throw. */
export interface BusListener {
  /** Another process has changed a key. */
  heard(notice: Notice): void;
  /** A load has ended that somebody waits for. */
  loaded(key: string, news: LoadWord): void;
  /**
   * What was kept until now may be outdated, because something went unheard; without a gap because nobody can say that
   * nothing did.
   */
  doubts(gap?: Gap): void;
  /** From now on every notice arrives. */
  hears(): void;
  /** Notices may be missed until `hears`. */
  deaf(reason: string): void;
  /** Now and then: so long a message takes to be heard, ms. */
  delayed?(ms: number): void;
}
