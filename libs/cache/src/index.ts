// The module
export { DatapunkCacheModule, type CacheModuleAsyncOptions } from './nest/module/datapunk-cache.module.js';
export type { CacheFeatureAsyncOptions } from './nest/module/feature.module.js';
export { getCacheToken, InjectCache } from './nest/module/inject-cache.js';
export type {
  CacheFeature,
  CacheModuleOptions,
  CacheOptionsFactory,
  LocalOptions,
  ProtectionOptions,
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
export { CacheService, type Held, type ServiceWriteOptions } from './nest/services/cache.service.js';
export { CacheEvents, type Unsubscribe } from './core/events/event-hub.js';

// Decorators
export { CacheAside } from './nest/decorators/cache-aside.decorator.js';
export { Computed, type ComputedOptions } from './nest/decorators/computed.decorator.js';
export { Evict } from './nest/decorators/evict.decorator.js';
export { ReadThrough } from './nest/decorators/read-through.decorator.js';
export { RequestCached, type RequestCachedOptions } from './nest/decorators/request-cached.decorator.js';
export { WriteThrough } from './nest/decorators/write-through.decorator.js';

// Rules of calls
export type { CachePolicy, EvictOptions, PerCall, ReadOptions, WriteOptions } from './core/cache/policy.js';
export type { ClassOf } from './core/shared/class-of.js';

// Keys
export { defineKey } from './core/keys/define-key.js';
export { parseKey, type KeyText, type ParsedKey } from './core/keys/parse-key.js';
export { stableHash } from './drivers/hash/stable-hash.js';
export type { AnyKey, HoldsOptions, Key, KeyDefinition, KeyFunction, KeyPart, KeyRef } from './core/keys/key.js';

// The call under way
export { currentLoad } from './nest/plans/current-load.js';
export type { Load } from './core/cache/load.js';
export { runInCacheContext } from './nest/context/request-store.js';
export type { ContextHole } from './nest/context/context-holes.js';
export type { RequestSource } from './nest/context/request-source.js';

// Units
export { bytes, type ByteSize } from './core/shared/byte-size.js';
export { duration, type Duration } from './core/shared/duration.js';

// Events
export type { CacheEvent, CacheEventType, EventOf, NotStoredReason } from './core/events/cache-event.js';
export type { LayerName } from './core/layers/layer.js';

// Errors
export {
  CacheConfigError,
  CacheConnectionError,
  CacheError,
  CacheKeyError,
  CacheOverloadError,
  CacheReadError,
  CacheSerializationError,
  CacheTimeoutError,
  CacheWriteError,
  LockTimeoutError,
  type CacheErrorCode,
  type CacheErrorDetails,
  type CacheKeyErrorCode,
} from './core/errors.js';
