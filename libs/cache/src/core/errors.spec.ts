import { describe, expect, it } from 'vitest';
import * as errors from './errors.js';

const details = { key: 'app:lake:town:1', layer: 'hot', cause: new Error('underneath') };

/** Each error, made with its message and details, and its code. */
const FAMILY = [
  ['CacheError', new errors.CacheError('READ', 'what', details), 'READ'],
  ['CacheConfigError', new errors.CacheConfigError('what', details), 'CONFIG'],
  ['CacheKeyError', new errors.CacheKeyError('KEY_TOO_LONG', 'what', details), 'KEY_TOO_LONG'],
  ['CacheSerializationError', new errors.CacheSerializationError('what', '$.at', details), 'SERIALIZATION'],
  ['CacheTimeoutError', new errors.CacheTimeoutError('what', details), 'TIMEOUT'],
  ['LockTimeoutError', new errors.LockTimeoutError('what', details), 'LOCK_TIMEOUT'],
  ['LockLostError', new errors.LockLostError('what', details), 'LOCK_LOST'],
  ['LockNotReplicatedError', new errors.LockNotReplicatedError('what', details), 'LOCK_NOT_REPLICATED'],
  [
    'RateLimitExceededError',
    new errors.RateLimitExceededError('what', { ...details, retryAfter: 5, violated: ['r'] }),
    'RATE_LIMITED',
  ],
  ['CacheConnectionError', new errors.CacheConnectionError('what', details), 'CONNECTION'],
  ['CacheConsistencyError', new errors.CacheConsistencyError('what', 'unknown', details), 'CONSISTENCY'],
  ['CacheWriteError', new errors.CacheWriteError('what', details), 'WRITE'],
  ['CircuitOpenError', new errors.CircuitOpenError('what', 5, details), 'CIRCUIT_OPEN'],
  ['CacheOverloadError', new errors.CacheOverloadError('what', details), 'OVERLOAD'],
  ['CacheLoadError', new errors.CacheLoadError('what', details), 'LOAD_FAILED'],
  ['CacheReadError', new errors.CacheReadError('what', details), 'READ'],
] as const;

describe('the family of errors', () => {
  it('is complete', () => {
    expect(FAMILY.map(([name]) => name).toSorted()).toEqual(Object.keys(errors).toSorted());
  });

  it.each(FAMILY)('%s has its name, code, message, key, layer and cause', (name, error, code) => {
    expect(error).toBeInstanceOf(errors.CacheError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, message: 'what', key: details.key, layer: details.layer });
    expect(error.cause).toBe(details.cause);
    expect(error.stack).toContain('what');
    expect(String(error)).toBe(`${name}: what`);
  });

  it('leaves out what is not known', () => {
    const error = new errors.CacheConfigError('what');
    expect(Object.keys(error).toSorted()).toEqual(['code', 'name']);
    expect('cause' in error).toBe(false);
    expect(new errors.CacheReadError('what', { cause: null }).cause).toBeNull();
  });

  it('takes the name of a class that others derive', () => {
    class OurError extends errors.CacheError {}
    expect(new OurError('READ', 'what').name).toBe('OurError');
  });
});

describe('an error that crosses HTTP', () => {
  it.each([
    [503, new errors.CacheTimeoutError('what')],
    [503, new errors.CacheOverloadError('what')],
    [503, new errors.CircuitOpenError('what', 5)],
    [409, new errors.LockTimeoutError('what')],
    [409, new errors.LockLostError('what')],
    [503, new errors.LockNotReplicatedError('what')],
    [503, new errors.CacheConsistencyError('what', 'rejected')],
    [404, new errors.CacheLoadError('what', { status: 404 })],
    [429, new errors.RateLimitExceededError('what', { retryAfter: 5, violated: ['r'] })],
  ])('says %d in the shape that Nest 11 and 12 map', (status, error) => {
    expect(error).toMatchObject({ status, statusCode: status, expose: true });
  });

  it('is none of the others: a fault of ours is no answer to a client', () => {
    const crossing = FAMILY.filter(([, error]) => 'expose' in error || 'statusCode' in error).map(([name]) => name);
    expect(crossing).toEqual([
      'CacheTimeoutError',
      'LockTimeoutError',
      'LockLostError',
      'LockNotReplicatedError',
      'RateLimitExceededError',
      'CacheConsistencyError',
      'CircuitOpenError',
      'CacheOverloadError',
    ]);
  });
});

describe('a refused value', () => {
  it('says where it is, or that it is the value itself', () => {
    expect(new errors.CacheSerializationError('what', '$.orders[2]').path).toBe('$.orders[2]');
    expect(new errors.CacheSerializationError('what').path).toBe('$');
  });
});
