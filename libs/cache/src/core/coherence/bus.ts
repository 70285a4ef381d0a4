import type { LoadNews } from './fence.js';

/** What happened to a key: a new value, one that is no longer fresh (a save that begins, too), or none any more. */
export type NoticeKind = 'set' | 'expire' | 'delete';

/** What processes tell each other of a key. Never the value. */
export interface Notice {
  /** Which process it comes from. */
  readonly publisher: string;
  /** Counts the messages of a publisher, from 1. */
  readonly number: number;
  readonly kind: NoticeKind;
  /** The version that was assigned. */
  readonly assigned: number;
  /** The full key. */
  readonly key: string;
}

/** Who acts on what other processes do. None of its methods may throw. */
export interface BusListener {
  /** Another process has changed a key. */
  heard(notice: Notice): void;
  /** A load has ended that somebody waits for. */
  loaded(key: string, news: LoadNews): void;
  /** From now on every notice arrives. */
  hears(): void;
  /** Notices may be missed until `hears`. */
  deaf(reason: string): void;
}
