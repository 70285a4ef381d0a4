import type { CacheError } from '../errors.js';
import type { LayerName } from '../layers/layer.js';
import type { Alert, AlertName, AlertSeverity } from './alert.js';
import type { ConsistencyLevel } from '../shared/consistency-level.js';

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
  /** A loader is called; `loaded` or `load-failed` follows. */
  | { readonly type: 'load-started'; readonly key: string }
  /** A loader answered. `ms` is its run time. */
  | { readonly type: 'loaded'; readonly key: string; readonly ms: number }
  /** A loader threw, or its hard timeout passed. */
  | { readonly type: 'load-failed'; readonly key: string; readonly ms: number; readonly error: unknown }
  /**
   * A caller got a value that is no longer fresh. `failed`: its loader did; `throttled`: it did so lately and is let alone;
   * `refreshing`: the fresh one is being loaded in the background; `busy`: there was no room to load it there.
   */
  | { readonly type: 'stale-served'; readonly key: string; readonly reason: StaleReason }
  /** A load goes on, or begins, that nobody waits for: its callers got what is stale, or what is fresh not much longer. */
  | { readonly type: 'refresh-started'; readonly key: string; readonly cause: 'stale' | 'early' }
  /** It is over. `ms`: how long it ran without callers. */
  | { readonly type: 'refresh-ended'; readonly key: string; readonly ms: number; readonly error?: unknown }
  /** There was no room for such a load (`protection.refreshes`), or the application ends. */
  | { readonly type: 'refresh-skipped'; readonly key: string }
  /** A value was kept. */
  | { readonly type: 'stored'; readonly key: string; readonly bytes: number; readonly ttl: number }
  /** A value was not kept, and why. The caller got it all the same. */
  | {
      readonly type: 'not-stored';
      readonly key: string;
      readonly reason: NotStoredReason;
      /** The one layer that did not; absent where none did. */
      readonly layer?: LayerName;
    }
  /** A key was removed, or left empty by a save. Whether it held anything is not asked. */
  | { readonly type: 'deleted'; readonly key: string; readonly cause: DeletedCause }
  /** What a key holds is no longer fresh. `notice`: another process said so, or that a save of it begins. */
  | { readonly type: 'expired'; readonly key: string; readonly cause: InvalidationCause }
  /** All entries with one of these tags were invalidated in these named caches; `%-` is that of the keys no named cache owns. */
  | {
      readonly type: 'tags-invalidated';
      readonly tags: readonly string[];
      readonly mode: 'delete' | 'expire';
      readonly caches: readonly string[];
      readonly cause: InvalidationCause;
    }
  /** Everything that a named cache held was invalidated. */
  | { readonly type: 'cleared'; readonly cache: string; readonly cause: InvalidationCause }
  /** An entry left a layer to make room, or because its time was over. */
  | { readonly type: 'evicted'; readonly key: string; readonly layer: LayerName; readonly cause: 'size' | 'ttl' }
  /** A sampled hit was compared with its source. `reader` is `Class.method`, for reads through a service their entity. */
  | {
      readonly type: 'hit-compared';
      readonly key: string;
      readonly reader: string;
      readonly level: ConsistencyLevel;
      readonly verdict: HitVerdict;
      /** Why it failed. */
      readonly error?: unknown;
    }
  /** One of these was not what its source says, and no notice told of it: the value was removed. `age`: ms at most. */
  | {
      readonly type: 'stale-hit';
      readonly key: string;
      readonly reader: string;
      readonly level: ConsistencyLevel;
      readonly age: number;
    }
  /** A decorated read ran uncached because its key or its value cannot be cached. `method` is `Class.method`. */
  | {
      readonly type: 'uncached';
      readonly method: string;
      readonly key?: string | undefined;
      readonly error: CacheError;
    }
  /** A write reached the source, but its cached value had to be dropped instead of updated. */
  | { readonly type: 'write-uncached'; readonly key: string; readonly error: CacheError }
  /** A layer could not be read or did not take a loaded value. The caller got the source's value all the same. */
  | {
      readonly type: 'layer-failed';
      readonly key: string;
      readonly layer: LayerName;
      readonly operation: 'read' | 'fill';
      readonly error: unknown;
    }
  /** An invalidation could not reach the shared layer. It is queued and made up for; until then this process reads the key from its source. `owed`: keys queued now. */
  | { readonly type: 'deferred'; readonly key: string; readonly error: unknown; readonly owed: number }
  /** As `deferred`, but the queue was full: what the shared layer holds of the key stays until it ends. `lost`: all of them so far. */
  | { readonly type: 'invalidation-lost'; readonly key: string; readonly error: unknown; readonly lost: number }
  /** A queued invalidation reached the shared layer. `owed`: keys that are still queued. */
  | { readonly type: 'recovered'; readonly key: string; readonly owed: number }
  /** Bytes in the shared layer that cannot be read: damaged, of another format or not ours. Counts as a miss. */
  | { readonly type: 'unreadable'; readonly key: string; readonly layer: LayerName; readonly reason: string }
  /** Commands can be sent to Redis (again). */
  | { readonly type: 'redis-ready'; readonly address: string }
  /** No command can be sent to Redis. Reads go to their source, invalidations are queued. */
  | { readonly type: 'redis-lost'; readonly address: string; readonly reason: string }
  /**
   * A server of Redis was replaced or started anew, and may lack what it had confirmed: it was asked about what this
   * process had changed within the last minute. Of `keys`, it had lost the change of `lost`, which was made again; for
   * `unanswered` it gave no answer for ten minutes, and what it has stays until it ends.
   */
  | { readonly type: 'resent'; readonly keys: number; readonly lost: number; readonly unanswered: number }
  /** Reads, fills and limit checks that were not sent to Redis in a window, because it was asked more than `operations`. */
  | {
      readonly type: 'overloaded';
      readonly refused: number;
      readonly operations: number;
      /** The window, ms. */
      readonly per: number;
    }
  /**
   * A node of Redis is not asked any more, because it does not answer: what concerns its keys goes to the source at once,
   * and invalidations are queued. `node`: its address.
   */
  | { readonly type: 'shared-breaker-opened'; readonly node: string }
  /** It is asked again, because it answers. */
  | { readonly type: 'shared-breaker-closed'; readonly node: string }
  /** A request was refused by these rules. `key` is that of its scope and identity, `retryAfter` ms. */
  | {
      readonly type: 'limited';
      readonly key: string;
      readonly rules: readonly string[];
      readonly retryAfter: number;
    }
  /** A rule that is only watched (`shadow`) would have refused a request. */
  | { readonly type: 'limit-shadowed'; readonly key: string; readonly rule: string }
  /** The counts that all processes share cannot be asked: each rule's `whenStoreDown` decides. */
  | { readonly type: 'limit-store-lost'; readonly error: unknown }
  /** They can be asked again. What was decided meanwhile is not made up for. */
  | { readonly type: 'limit-store-ready' }
  /** A lock was taken; `waited` is how long that took, ms. */
  | { readonly type: 'locked'; readonly name: string; readonly token: bigint; readonly waited: number }
  /** It was given back by its holder, who had it for `held` ms; also one that was lost meanwhile. */
  | { readonly type: 'unlocked'; readonly name: string; readonly token: bigint; readonly held: number }
  /** Something has come up that somebody should look at; while it lasts it is told once. See `forRoot({ alerts })`. */
  | ({ readonly type: 'alert-raised' } & Alert)
  /** It is over; it lasted `ms`. */
  | {
      readonly type: 'alert-cleared';
      readonly name: AlertName;
      readonly severity: AlertSeverity;
      readonly ms: number;
    }
  /** Somebody gave up waiting for a lock. */
  | { readonly type: 'lock-timeout'; readonly name: string; readonly waited: number }
  /** A lock may have passed to somebody else while it was held here: its signal was aborted. */
  | { readonly type: 'lock-lost'; readonly name: string; readonly token: bigint; readonly error: CacheError }
  /** The work of a leader threw, or the leadership could not be asked for. The process goes on to stand for it. */
  | { readonly type: 'leader-failed'; readonly name: string; readonly error: unknown }
  /** An attempt failed; another follows after `delay` ms. `attempt` is the number of the one that failed. */
  | {
      readonly type: 'retried';
      readonly operation: string;
      readonly attempt: number;
      readonly delay: number;
      readonly error: unknown;
    }
  /** An attempt failed and the retry budget was used up: the caller got the error. */
  | { readonly type: 'retry-refused'; readonly operation: string; readonly attempt: number; readonly error: unknown }
  /** Calls of an operation fail at once from now on: in this process alone, or in the fleet. */
  | { readonly type: 'breaker-opened'; readonly operation: string; readonly scope: 'process' | 'fleet' }
  /** Calls of an operation reach its backend again. */
  | { readonly type: 'breaker-closed'; readonly operation: string; readonly scope: 'process' | 'fleet' }
  /**
   * This process hears (again) what others change, and keeps values in memory; what was there is looked at before it is
   * served. `blind`: how long it did not hear, ms; absent when it hears for the first time.
   */
  | { readonly type: 'bus-ready'; readonly blind?: number }
  /** This process may miss what others change. Memory is served for `local.maxBlind` at most, and keeps nothing new until `bus-ready`. */
  | { readonly type: 'bus-lost'; readonly reason: string }
  /** How long it took, ms, until this process heard what it had told itself: about once a second. */
  | { readonly type: 'bus-delay'; readonly ms: number }
  /** It has not heard anything for `local.maxBlind`: reads go past memory until `bus-ready`. */
  | { readonly type: 'bus-blind'; readonly ms: number }
  /**
   * Something that another process changed went unheard: each value in memory is looked at before it is served again.
   * `lost`: a message never came; `silent`: its sender ended without a word; `unheard`: what this process told itself did
   * not come back. `publisher`: the sender, an id that every process draws at its start.
   */
  | { readonly type: 'gap'; readonly cause: 'lost' | 'silent' | 'unheard'; readonly publisher: string };

export type CacheEventType = CacheEvent['type'];

/** Who invalidated something: this process (`call`), or another one that told of it (`notice`). */
export type InvalidationCause = 'call' | 'notice';

/** The same of a key that was removed; `stale`: this process compared it with its source and found it wrong. */
export type DeletedCause = InvalidationCause | 'stale';

/** Why a caller got a stale value. */
export type StaleReason = 'failed' | 'throttled' | 'refreshing' | 'busy';

export type NotStoredReason =
  /** The loader gave `undefined`, which means "not known". */
  | 'undefined'
  /** The loader said `load.skip()`, or the call said so by `skip`. */
  | 'skipped'
  /** The key was written, deleted or expired while the loader ran. */
  | 'invalidated'
  /** Something newer is there. */
  | 'older'
  /** The layer that decides could not be asked. */
  | 'failed'
  /** It was loaded inside a database transaction: it may be as old as that, or never come true. */
  | 'transaction'
  /** The value alone is larger than `maxEntrySize`, or than the layer. */
  | 'too-large';

/** What came of comparing a sampled hit with its source. */
export type HitVerdict =
  /** The source says the same. */
  | 'same'
  /** It says something else, and nothing was on its way that would have told of it. */
  | 'stale'
  /** The key or the source changed meanwhile, or the source never says the same twice: nobody knows. */
  | 'changed'
  /** The source could not be asked, or says what cannot be kept. */
  | 'failed';

export type EventOf<T extends CacheEventType> = Extract<CacheEvent, { type: T }>;

const EVERY_TYPE: Readonly<Record<CacheEventType, true>> = {
  hit: true,
  miss: true,
  joined: true,
  'load-started': true,
  loaded: true,
  'load-failed': true,
  'stale-served': true,
  'refresh-started': true,
  'refresh-ended': true,
  'refresh-skipped': true,
  stored: true,
  'not-stored': true,
  deleted: true,
  expired: true,
  'tags-invalidated': true,
  cleared: true,
  evicted: true,
  'hit-compared': true,
  'stale-hit': true,
  uncached: true,
  'write-uncached': true,
  'layer-failed': true,
  deferred: true,
  'invalidation-lost': true,
  recovered: true,
  unreadable: true,
  'redis-ready': true,
  'redis-lost': true,
  resent: true,
  overloaded: true,
  'shared-breaker-opened': true,
  'shared-breaker-closed': true,
  limited: true,
  'limit-shadowed': true,
  'limit-store-lost': true,
  'limit-store-ready': true,
  locked: true,
  unlocked: true,
  'alert-raised': true,
  'alert-cleared': true,
  'lock-timeout': true,
  'lock-lost': true,
  'leader-failed': true,
  retried: true,
  'retry-refused': true,
  'breaker-opened': true,
  'breaker-closed': true,
  'bus-ready': true,
  'bus-lost': true,
  'bus-blind': true,
  'bus-delay': true,
  gap: true,
};

/** Every type there is, for those who listen to all. */
export const EVENT_TYPES = Object.keys(EVERY_TYPE) as readonly CacheEventType[];
