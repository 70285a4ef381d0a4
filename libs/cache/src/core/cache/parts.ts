import type { AssignedVersions } from '../coherence/assigned-versions.js';
import type { Fence } from '../layers/fence.js';
import type { Intents } from '../coherence/intents.js';
import type { LeaseRenewal } from '../coherence/lease-renewal.js';
import type { LoadWaits } from '../coherence/load-waits.js';
import type { NoticeMemory } from '../coherence/notice-memory.js';
import type { Notices } from '../coherence/notices.js';
import type { Recovery } from './recovery.js';
import type { EventHub } from '../events/event-hub.js';
import type { KeySpace } from '../keys/key-space.js';
import type { StrictPlace } from '../layers/strict-place.js';
import type { LayeredStore } from '../layers/layered-store.js';
import type { Locks } from '../locks/locks.js';
import type { Clock } from '../shared/clock.js';
import type { Random } from '../shared/random.js';
import type { Counts } from '../statistics/counts.js';
import type { StalenessRules } from '../staleness/staleness-rules.js';
import type { TagStore } from '../tags/tag-store.js';
import type { Tags } from '../tags/tags.js';
import type { TransactionScope } from '../transactions/transaction.js';
import type { Flights } from './flights.js';
import type { LoadScope } from './load-scope.js';
import type { Outcome } from './outcome.js';
import type { CallRules } from './rules.js';
import type { Rulebook } from './rulebook.js';

/** What the processes of a fleet share besides the entries. */
export interface FleetParts {
  readonly fence: Fence;
  readonly waits: LoadWaits;
  readonly renewal: LeaseRenewal;
  /** For level `strict`. */
  readonly strict: StrictPlace;
}

/** What the flows share. Made once, by the composition. */
export interface CacheParts {
  readonly keys: KeySpace;
  readonly rules: Rulebook;
  readonly store: LayeredStore;
  readonly flights: Flights<Outcome, CallRules>;
  readonly notices: Notices;
  /** What was done to keys lately, by anybody. */
  readonly remembered: NoticeMemory;
  readonly intents: Intents;
  readonly versions: AssignedVersions;
  /** Which entries were invalidated as one of many. */
  readonly tags: Tags;
  /** Where that is counted. */
  readonly tagStore: TagStore;
  /** Where processes share entries. */
  readonly fleet?: FleetParts | undefined;
  readonly recovery: Recovery;
  /** What a call waits for the shared layer before it goes on without, ms. Default `ANSWER_MS`. */
  readonly sharedPatience?: number | undefined;
  /**
   * Asks the place of the locks about a key, where that is the shared layer; rejects where it gives no answer within
   * `sharedPatience`.
   */
  readonly locksAnswer?: ((id: string) => Promise<unknown>) | undefined;
  /** Loads at a time that nobody waits for. Default 100. */
  readonly maxRefreshes?: number | undefined;
  /** `undefined`: what is served is not compared with its source. */
  readonly staleness?: StalenessRules | undefined;
  readonly locks: Pick<Locks, 'run'>;
  readonly scope: LoadScope;
  /** Where the cache is told of database transactions. */
  readonly transactions?: TransactionScope | undefined;
  readonly events: EventHub;
  /** What has happened, by named cache. */
  readonly counts: Counts;
  /** This process's time: for limits and delays. */
  readonly clock: Clock;
  /** The time that entries are dated by: the Redis server's, where there is one. */
  readonly dates: Clock;
  readonly random: Random;
}
