import type { CachePolicy } from '../../core/cache/policy.js';
import type { NamelessRule } from '../../core/limits/any-rule.js';
import type { ByteSize } from '../../core/shared/byte-size.js';
import type { Duration } from '../../core/shared/duration.js';
import type { TransactionScope } from '../../core/transactions/transaction.js';
import type { HostPort, RedisOption } from '../../drivers/redis/redis-option.js';
import type { ContextHole } from '../context/context-holes.js';

/** Options of the layers that belong to this process. */
export interface LocalOptions {
  /** Room for all local layers together. Memory takes 25 % of it. At least `'16kb'`, default `'256mb'`. */
  budget?: ByteSize | undefined;
  hot?:
    | {
        /** Most entries in memory, whatever their size. Default 250,000. */
        maxEntries?: number | undefined;
        /**
         * The largest entry that memory takes, its key and 120 bytes of overhead included: larger ones are left to Redis,
         * from where every read of them comes (the event `not-stored`, `layer: 'hot'`). Default: all that memory has.
         */
        maxEntrySize?: ByteSize | undefined;
      }
    | undefined;
  /**
   * How long memory is served while this process cannot hear what others change; reads go past it then. What is in memory
   * may be that much older than its source, which is why nothing is added meanwhile. Default `'10s'`, `0`: not at all.
   */
  maxBlind?: Duration | undefined;
}

/** How much one process may ask of Redis. */
export interface ProtectionOptions {
  /**
   * Reads, fills and limit checks in a window. What is more is not sent: the local layers or the source answer, and the
   * event `overloaded` tells how many. Writes, deletes, unlocks and renewals always pass. Default 10,000; `false`: no
   * bound.
   */
  operations?: number | false | undefined;
  /** The window. Default `'1s'`. */
  per?: Duration | undefined;
  /** Connections at a time, to all nodes together. Default 100. A cluster that needs more fails the boot. */
  connections?: number | undefined;
  /**
   * Loads at a time of this process whose callers have been answered with a stale value already. Where there is no room
   * a key is served stale and not loaded. Default 100.
   */
  refreshes?: number | undefined;
  /**
   * How long a call waits for Redis before it goes on without: a read asks its source, an invalidation is queued and made
   * up for, `set` and `cacheAside` fail. What was sent may be done until 1 s is over. Level `strict` always waits that 1 s,
   * because it has no other answer. Default `'100ms'`, at most `'1s'`.
   */
  patience?: Duration | undefined;
  /**
   * Keeps callers from waiting for a node of Redis that does not answer. While it is open the node's keys are as if Redis
   * were away, at once: reads ask their source, invalidations are queued, level `strict` throws `CacheConsistencyError`.
   * A probe in the background closes it again. `false`: every call waits for itself.
   */
  breaker?: BreakerOptions | false | undefined;
}

/** When a node of Redis is not asked any more. */
export interface BreakerOptions {
  /**
   * Calls in a row without an answer within `patience`; the last of them was made after the first had given up, so that
   * one pause with many callers in it opens nothing. Default 3.
   */
  failures?: number | undefined;
  /** How often the node is asked by a probe whether it answers again. Default `'1s'`. */
  retryAfter?: Duration | undefined;
}

/** How locks are kept. */
export interface LocksOptions {
  /**
   * `'redis'`: in the Redis of `forRoot.redis`. `'redlock'`: by a majority of the independent servers under `nodes`,
   * through the package `redlock`; slower, without a line of waiters, and it outlives any one of them. Over the nodes of
   * one cluster it would be worth nothing, which fails the boot. Default `'redis'`.
   */
  engine?: 'redis' | 'redlock' | undefined;
  /** For `'redlock'`: three or more servers, each `'redis://user:password@host:6379'` or `{ host, port }`. */
  nodes?: readonly (string | HostPort)[] | undefined;
  /**
   * For `'redis'`: how many replicas have to confirm a replicated lock. Default: all that its server has, or had within
   * the last ten minutes.
   */
  replicas?: number | undefined;
}

/** Rate limits of the application. */
export interface LimitsOptions {
  /** Rules by the name that decorators and the service use. */
  rules?: Readonly<Record<string, NamelessRule>> | undefined;
  /** Names of rules that all HTTP routes have. They need `RateLimitGuard` as a global guard. */
  global?: readonly string[] | undefined;
  /**
   * How long a decision waits for Redis before the rules' `whenStoreDown` decides. Default `'40ms'`; more where Redis is
   * far away.
   */
  patience?: Duration | undefined;
}

/** How much of what is served is compared with its source, in the background. */
export interface StalenessOptions {
  /**
   * The share of hits that are looked at: above 0, at most 1. A value that stays wrong is found within about 3 / `sample`
   * hits on it. Default 0.001.
   */
  sample?: number | undefined;
  /**
   * Comparisons of this process in a second, at most. Each runs a loader once, or twice where it finds another value. The
   * loaders of one method run for at most a tenth of the time, whatever is said here. Default 5.
   */
  perSecond?: number | undefined;
}

/** What counts as too much or too little, and how often it is looked at. */
export interface AlertOptions {
  /** Hits by reads, 0 to 1, below which `low-hit-ratio` is raised; judged from 100 reads in the window on. Default 0.8. */
  hitRatio?: number | undefined;
  /** Share of its `maxmemory` above which a server of Redis raises `high-memory`. Default 0.9. */
  memory?: number | undefined;
  /** Keys a second that Redis evicts, above which `high-evictions` is raised. Default 1,000. */
  evictions?: number | undefined;
  /** How often it is looked. Default `'10s'`. */
  every?: Duration | undefined;
  /** The time that counts are judged over. Default `'5m'`. */
  window?: Duration | undefined;
}

/** Options of `DatapunkCacheModule.forRoot`. */
export interface CacheModuleOptions {
  /** The `{service}` segment of every key: one word for all processes of this service, such as `'lake'`. */
  service: string;
  /** Other services whose full keys (`app:{service}:…`) this one may read and evict. Default none. */
  foreignServices?: readonly string[] | undefined;
  /**
   * The Redis that all processes of this service share: a URL, the nodes of a cluster, sentinels, or an ioredis client.
   * Absent or `false`: embedded, each process has a cache of its own. An `undefined` or `''` that is written down, such
   * as an unset REDIS_URL, fails the boot: it would split a fleet unseen.
   *
   * @example redis: process.env.REDIS_URL ?? false
   */
  redis?: RedisOption | false;
  /** Memory and its bounds. */
  local?: LocalOptions | undefined;
  /** Keeps this process from asking too much of Redis. */
  protection?: ProtectionOptions | undefined;
  /** Where locks are kept, and what has to confirm them. */
  locks?: LocksOptions | undefined;
  /** Rate limits. */
  limits?: LimitsOptions | undefined;
  /**
   * When the events `alert-raised` and `alert-cleared` are told. Absent: they are where health checks, metrics or
   * `CacheMonitor.watch` want them.
   */
  alerts?: AlertOptions | undefined;
  /**
   * The staleness meter: `CacheService.staleness()` says how often and for how long hits were wrong, and what was found
   * wrong is removed. `false`: nothing is compared.
   */
  staleness?: StalenessOptions | false | undefined;
  /**
   * How the cache knows of database transactions beside those of `runInCacheTransaction` and `afterCommit`: for a library
   * that follows its own. Default none.
   */
  transactions?: TransactionScope | undefined;
  /** Rules of every key that no named cache, policy or call says otherwise of. */
  defaults?: CachePolicy | undefined;
  /** Named sets of rules for `{ policy: 'name' }`: decorators cannot read configuration, but these can. */
  policies?: Readonly<Record<string, CachePolicy>> | undefined;
  /**
   * Further `{@name}` holes beside `{@ip}` and `{@user}`. `undefined` or a throw ends the call with `CacheKeyError`,
   * never with a shared key.
   */
  context?: Readonly<Record<string, ContextHole>> | undefined;
}

/** What `useClass` and `useExisting` provide. */
export interface CacheOptionsFactory {
  createCacheOptions(): CacheModuleOptions | Promise<CacheModuleOptions>;
}

/** A named cache owns entities: every key of them, whoever touches it, follows these rules. */
export interface CacheFeature extends CachePolicy {
  /** Entities it owns. Default: the one that bears its name. */
  entities?: readonly string[] | undefined;
  /** `{@name}` holes that every template of these entities must contain, such as `['tenant']`. */
  requires?: readonly string[] | undefined;
}
