import type { Version } from './version.js';

/**
 * A value made safe to keep: a deep-frozen plain copy that nobody outside the cache holds.
 * Made by `snapshot()`, handed out by `views.ts`.
 */
export interface Snapshot {
  readonly value: unknown;
  /** Estimated bytes on the heap. */
  readonly size: number;
  /** False when something in it cannot be frozen (Date, Map, Set, bytes), so that each reader needs a view of its own. */
  readonly shareable: boolean;
}

/** What is known of an entry besides its value. Times are milliseconds since the epoch on the server's clock. */
export interface EntryHeader {
  readonly version: Version;
  readonly createdAt: number;
  /** Until then it is served as it is. `Infinity`: no end. */
  readonly freshUntil: number;
  /** Until then it may be served where staleness is allowed; never before `freshUntil`. `Infinity`: no end. */
  readonly staleUntil: number;
  /** What loading it cost: early refresh is aimed by it. */
  readonly computeMs: number;
  /** Generation of the tags that its process knew when the load began. 0: none. */
  readonly tagGeneration: number;
}

/** A cached value; `value` may be null (a cached nothing), never undefined. */
export interface ValueEntry extends EntryHeader, Snapshot {
  readonly kind: 'value';
  /** How long memory keeps it, ms, where whoever stores it says; 0: not at all. Stays in this process. */
  readonly localTtl?: number | undefined;
  /** From when on a reader of this process loads it anew in the background; absent: never. Stays in this process. */
  readonly refreshAt?: number | undefined;
  readonly tags: readonly string[];
}

/** The memory of a removed value: what is older than its version is not stored again while it lasts (`staleUntil`). */
export interface Tombstone extends EntryHeader {
  readonly kind: 'tombstone';
}

/** What layers hold and pass on. Immutable: a change of the header is a new entry with the same value. */
export type Entry = ValueEntry | Tombstone;

const NO_TAGS: readonly string[] = Object.freeze([]);

/** Joins a value and its header into an entry. */
export function valueEntry(snapshot: Snapshot, header: EntryHeader, tags: readonly string[] = NO_TAGS): ValueEntry {
  return {
    kind: 'value',
    value: snapshot.value,
    size: snapshot.size,
    shareable: snapshot.shareable,
    version: header.version,
    createdAt: header.createdAt,
    freshUntil: header.freshUntil,
    staleUntil: header.staleUntil,
    computeMs: header.computeMs,
    tagGeneration: header.tagGeneration,
    tags,
  };
}

/** Remembers a removal at `at` for `lifetimeMs`. */
export function tombstone(version: Version, at: number, lifetimeMs: number): Tombstone {
  const until = at + lifetimeMs;
  return {
    kind: 'tombstone',
    version,
    createdAt: at,
    freshUntil: until,
    staleUntil: until,
    computeMs: 0,
    tagGeneration: 0,
  };
}

/** Served as it is at `now`. */
export function isFresh(entry: Entry, now: number): boolean {
  return entry.kind === 'value' && now < entry.freshUntil;
}

/** No longer fresh at `now`, and of use where staleness is allowed. */
export function isStale(entry: Entry, now: number): entry is ValueEntry {
  return entry.kind === 'value' && now >= entry.freshUntil && now < entry.staleUntil;
}
