import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cache from '@datapunk/cache';
import * as prometheus from '@datapunk/cache/prometheus';
import * as terminus from '@datapunk/cache/terminus';
import * as testing from '@datapunk/cache/testing';
import { describe, expect, it } from 'vitest';
import { readDoor } from './support/exports.js';
import { ROOT } from './support/tree.js';

const read = (file: string) => readDoor(readFileSync(join(ROOT, 'libs/cache/src', file), 'utf8'));

/** What users may import. A change here is a change of the product: say so in the commit. */
const VALUES = [
  'CacheAside',
  'CacheConfigError',
  'CacheConnectionError',
  'CacheConsistencyError',
  'CacheDoctor',
  'CacheError',
  'CacheEvents',
  'CacheKeyError',
  'CacheLoadError',
  'CacheMonitor',
  'CacheOverloadError',
  'CacheReadError',
  'CacheSerializationError',
  'CacheService',
  'CacheTimeoutError',
  'CacheWriteError',
  'CircuitOpenError',
  'Computed',
  'Consistent',
  'DatapunkCacheModule',
  'Evict',
  'InjectCache',
  'InvalidateTags',
  'LockLostError',
  'LockNotReplicatedError',
  'LockService',
  'LockTimeoutError',
  'Locked',
  'RateLimitExceededError',
  'RateLimitGuard',
  'RateLimitService',
  'RateLimited',
  'ReadThrough',
  'RequestCached',
  'Retried',
  'RetryService',
  'SkipRateLimit',
  'WriteThrough',
  'afterCommit',
  'bytes',
  'currentAttempt',
  'currentLoad',
  'currentLock',
  'defineKey',
  'duration',
  'fenced',
  'getCacheToken',
  'guardedSet',
  'parseKey',
  'runInCacheContext',
  'runInCacheTransaction',
  'stableHash',
];

const TYPES = [
  'AgeBucket',
  'Alert',
  'AlertName',
  'AlertOptions',
  'AlertSeverity',
  'AnyKey',
  'Attempt',
  'BreakerOptions',
  'BulkLoad',
  'BusReport',
  'ByteSize',
  'CacheErrorCode',
  'CacheErrorDetails',
  'CacheEvent',
  'CacheEventType',
  'CacheFeature',
  'CacheFeatureAsyncOptions',
  'CacheInvalidations',
  'CacheKeyErrorCode',
  'CacheModuleAsyncOptions',
  'CacheModuleOptions',
  'CacheOptionsFactory',
  'CachePolicy',
  'CacheReport',
  'CacheStatistics',
  'CallReadOptions',
  'CheckOptions',
  'ClassOf',
  'ComputedOptions',
  'ConcurrencyRule',
  'ConsistencyLevel',
  'ContextHole',
  'DeletedCause',
  'DoctorReport',
  'Durability',
  'Duration',
  'EarlyRefreshOptions',
  'EvalClient',
  'EventOf',
  'EvictOptions',
  'ExamineOptions',
  'FencePlace',
  'Fenced',
  'Finding',
  'GuardedWrite',
  'Held',
  'HitVerdict',
  'HoldsOptions',
  'HostPort',
  'InvalidateTagsOptions',
  'InvalidationCause',
  'Key',
  'KeyDefinition',
  'KeyFunction',
  'KeyPart',
  'KeyRef',
  'KeyText',
  'LayerName',
  'LeaderOptions',
  'LeaderWork',
  'Leadership',
  'LimitAlgorithm',
  'LimitCall',
  'LimitDecision',
  'LimitIdentity',
  'LimitRule',
  'LimitsOptions',
  'Load',
  'LocalOptions',
  'Lock',
  'LockOptions',
  'LockSet',
  'LockedOptions',
  'LocksOptions',
  'Mandate',
  'MemoryReport',
  'NotStoredReason',
  'OperationName',
  'ParsedKey',
  'PerCall',
  'PermitOptions',
  'ProtectionOptions',
  'Purpose',
  'RaisedAlert',
  'ReadOptions',
  'ReadWriteLock',
  'RecoveryFigures',
  'RedisAuth',
  'RedisBoot',
  'RedisClientOption',
  'RedisLike',
  'RedisNodes',
  'RedisOption',
  'RedisReport',
  'RedisSentinels',
  'RedisUrl',
  'RequestCachedOptions',
  'RequestSource',
  'RetryOptions',
  'RetryPolicy',
  'RuleDecision',
  'RuleReference',
  'RuleReferences',
  'Semaphore',
  'ServerAway',
  'ServerFigures',
  'ServiceWriteOptions',
  'Severity',
  'Skip',
  'StaleIfErrorOptions',
  'StalenessFigures',
  'StalenessOptions',
  'Transaction',
  'TransactionScope',
  'TryOutcome',
  'Unsubscribe',
  'WhenStoreDown',
  'WriteOptions',
];

const TESTING_TYPES = ['BusFaults', 'EndFault', 'FaultOptions', 'LayerFaultOptions', 'MemoryFaults', 'SharedFaults'];
const TESTING_VALUES = ['CacheFaults', 'DatapunkCacheTestingModule', 'EventRecorder', 'FakeClock'];

describe('@datapunk/cache', () => {
  const door = read('index.ts');

  it('gives these values', () => expect(door.values).toEqual(VALUES));
  it('gives these types', () => expect(door.types).toEqual(TYPES));
  it('names everything it gives', () => expect(door.unnamed).toEqual([]));
  it('gives at run time what it names', () => expect(Object.keys(cache).toSorted()).toEqual(VALUES));
});

describe('@datapunk/cache/testing', () => {
  const door = read('testing.ts');

  it('gives these values', () => expect(door.values).toEqual(TESTING_VALUES));
  it('gives these types', () => expect(door.types).toEqual(TESTING_TYPES));
  it('names everything it gives', () => expect(door.unnamed).toEqual([]));
  it('gives at run time what it names', () => expect(Object.keys(testing).toSorted()).toEqual(TESTING_VALUES));
});

describe('@datapunk/cache/terminus', () => {
  const door = read('terminus.ts');
  const values = ['CacheHealthIndicator', 'CacheHealthModule'];

  it('gives these', () => expect(door).toEqual({ values, types: ['CacheHealthOptions'], unnamed: [] }));
  it('gives at run time what it names', () => expect(Object.keys(terminus).toSorted()).toEqual(values));
});

describe('@datapunk/cache/prometheus', () => {
  const door = read('prometheus.ts');
  const values = ['CacheMetricsModule'];

  it('gives these', () => expect(door).toEqual({ values, types: ['CacheMetricsOptions'], unnamed: [] }));
  it('gives at run time what it names', () => expect(Object.keys(prometheus).toSorted()).toEqual(values));
});

describe('the reading of a door', () => {
  it('tells values from types and refuses what has no name', () => {
    const door = readDoor(`
      export { B, type T, a as A } from './x.js';
      export type { S } from './y.js';
      export * from './z.js';
      export * as all from './z.js';
      export const own = 1;
      export default B;
    `);
    expect(door).toEqual({ values: ['A', 'B'], types: ['S', 'T'], unnamed: expect.any(Array) });
    expect(door.unnamed).toHaveLength(4);
  });
});
