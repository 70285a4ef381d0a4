// The module
export { DatapunkCacheModule, type CacheModuleAsyncOptions } from './nest/module/datapunk-cache.module.js';
export type { CacheFeatureAsyncOptions } from './nest/module/feature.module.js';
export { getCacheToken, InjectCache } from './nest/module/inject-cache.js';
export type {
  AlertOptions,
  CacheFeature,
  CacheModuleOptions,
  CacheOptionsFactory,
  LimitsOptions,
  LocalOptions,
  LocksOptions,
  BreakerOptions,
  ProtectionOptions,
  StalenessOptions,
} from './nest/options/cache-module-options.js';

// Redis
export type {
  HostPort,
  RedisAuth,
  RedisBoot,
  RedisClientOption,
  RedisNodes,
  RedisOption,
  RedisSentinels,
  RedisUrl,
} from './drivers/redis/redis-option.js';
export type { RedisLike } from './drivers/redis/redis-client.js';

// Services
export {
  CacheService,
  type Held,
  type InvalidateTagsOptions,
  type ServiceWriteOptions,
} from './nest/services/cache.service.js';
export type { CacheInvalidations, CacheStatistics } from './core/statistics/cache-statistics.js';
export type { AgeBucket, StalenessFigures } from './core/staleness/staleness-figures.js';
export type { ConsistencyLevel } from './core/shared/consistency-level.js';
export { RateLimitService, type RuleReferences } from './nest/services/rate-limit.service.js';
export { CacheDoctor, type ExamineOptions } from './nest/services/cache-doctor.service.js';
export type { Purpose } from './core/doctor/facts.js';
export type { DoctorReport, Finding, Severity } from './core/doctor/finding.js';
export { RetryService } from './nest/services/retry.service.js';
export { CacheEvents, type Unsubscribe } from './core/events/event-hub.js';
export { CacheMonitor } from './nest/monitoring/cache-monitor.js';
export type { BusReport, CacheReport, MemoryReport, RaisedAlert, RedisReport } from './nest/monitoring/cache-report.js';
export type { ServerAway, ServerFigures } from './core/servers/server-figures.js';
export type { Alert, AlertName, AlertSeverity } from './core/events/alert.js';

// Database transactions
export { afterCommit } from './nest/transactions/after-commit.js';
export { runInCacheTransaction } from './nest/transactions/async-transactions.js';
export type { Transaction, TransactionScope } from './core/transactions/transaction.js';

// Locks
export { LockService } from './nest/services/lock.service.js';
export { Locked, type LockedOptions } from './nest/decorators/locked.decorator.js';
export { currentLock } from './nest/plans/current-lock.js';
export type { Lock } from './core/locks/lock.js';
export type { LockOptions } from './core/locks/lock-options.js';
export type { TryOutcome } from './core/locks/locks.js';
export type { Durability } from './core/locks/lock-engine.js';

// Decorators
export { CacheAside } from './nest/decorators/cache-aside.decorator.js';
export { Computed, type ComputedOptions } from './nest/decorators/computed.decorator.js';
export { Consistent } from './nest/decorators/consistent.decorator.js';
export { Evict } from './nest/decorators/evict.decorator.js';
export { InvalidateTags } from './nest/decorators/invalidate-tags.decorator.js';
export { RateLimited } from './nest/decorators/rate-limited.decorator.js';
export { ReadThrough } from './nest/decorators/read-through.decorator.js';
export { Retried } from './nest/decorators/retried.decorator.js';
export { RequestCached, type RequestCachedOptions } from './nest/decorators/request-cached.decorator.js';
export { SkipRateLimit } from './nest/decorators/skip-rate-limit.decorator.js';
export { WriteThrough } from './nest/decorators/write-through.decorator.js';

// Limits
export { RateLimitGuard } from './nest/limits/rate-limit.guard.js';
export type { CheckOptions, LimitIdentity, RuleReference } from './nest/limits/rate-limits.js';
export type { LimitDecision, RuleDecision } from './core/limits/decision.js';
export type { ConcurrencyRule } from './core/limits/concurrency-rule.js';
export type { LimitCall, LimitRule, WhenStoreDown } from './core/limits/rule.js';
export type { LimitAlgorithm } from './core/limits/meters/new-meter.js';

// Rules of calls
export type { Skip } from './core/cache/keep-rules.js';
export type { RecoveryFigures } from './core/cache/recovery.js';
export type {
  CachePolicy,
  CallReadOptions,
  EarlyRefreshOptions,
  EvictOptions,
  PerCall,
  ReadOptions,
  StaleIfErrorOptions,
  WriteOptions,
} from './core/cache/policy.js';
export type { OperationName } from './core/retries/operation-name.js';
export type { RetryOptions, RetryPolicy } from './core/retries/retry-policy.js';
export type { ClassOf } from './core/shared/class-of.js';

// More than a mutex
export type { LeaderOptions, LeaderWork, Mandate } from './core/locks/leader.js';
export type { Leadership } from './core/locks/leaders.js';
export type { PermitOptions, ReadWriteLock, Semaphore } from './core/locks/semaphore.js';
export type { LockSet } from './core/locks/several-names.js';

// Guards of what a lock protects
export { fenced, type Fenced, type FencePlace } from './drivers/sql/fenced.js';
export { guardedSet, type EvalClient, type GuardedWrite } from './drivers/redis/guards/guarded-set.js';

// Keys
export { defineKey } from './core/keys/define-key.js';
export { parseKey, type KeyText, type ParsedKey } from './core/keys/parse-key.js';
export { stableHash } from './drivers/hash/stable-hash.js';
export type { AnyKey, HoldsOptions, Key, KeyDefinition, KeyFunction, KeyPart, KeyRef } from './core/keys/key.js';

// The call under way
export { currentAttempt } from './nest/plans/current-attempt.js';
export type { Attempt } from './core/retries/attempt.js';
export { currentLoad } from './nest/plans/current-load.js';
export type { BulkLoad } from './core/cache/bulk-load.js';
export type { Load } from './core/cache/load.js';
export { runInCacheContext } from './nest/context/request-store.js';
export type { ContextHole } from './nest/context/context-holes.js';
export type { RequestSource } from './nest/context/request-source.js';

// Units
export { bytes, type ByteSize } from './core/shared/byte-size.js';
export { duration, type Duration } from './core/shared/duration.js';

// Events
export type {
  CacheEvent,
  CacheEventType,
  DeletedCause,
  EventOf,
  HitVerdict,
  InvalidationCause,
  NotStoredReason,
} from './core/events/cache-event.js';
export type { LayerName } from './core/layers/layer.js';

// Errors
export {
  CacheConfigError,
  CacheConnectionError,
  CacheConsistencyError,
  CacheError,
  CacheKeyError,
  CacheLoadError,
  CacheOverloadError,
  CacheReadError,
  CacheSerializationError,
  CacheTimeoutError,
  CacheWriteError,
  CircuitOpenError,
  LockLostError,
  LockNotReplicatedError,
  LockTimeoutError,
  RateLimitExceededError,
  type CacheErrorCode,
  type CacheErrorDetails,
  type CacheKeyErrorCode,
} from './core/errors.js';
