import { describe, expect, it } from 'vitest';
import { CacheReadError, CacheTimeoutError, CacheWriteError } from '../../../core/errors.js';
import { NotReady } from '../calls/not-ready.js';
import { readFailure, writeFailure } from './failures.js';

const KEY = 'app:lake:town:1';

describe.each([
  ['a read', readFailure, CacheReadError, 'could not be read from Redis'],
  ['a change', writeFailure, CacheWriteError, 'may not have been changed in Redis'],
] as const)('what fails %s', (_, failure, Kind, said) => {
  it('is told with key, layer, cause and remedy', () => {
    const error = failure(KEY, new Error('Connection is closed.'));
    expect(error).toBeInstanceOf(Kind);
    expect(error).toMatchObject({ key: KEY, layer: 'shared', cause: { message: 'Connection is closed.' } });
    expect(error.message).toBe(
      `'${KEY}' ${said}: CLOSED, the connection was closed. Try again; if it stays so, check whether the port speaks TLS (rediss://).`,
    );
  });

  it('is told in its own words where it is not known', () => {
    expect(failure(KEY, new TypeError('odd')).message).toBe(
      `'${KEY}' ${said}: odd. Try again; if it stays so, see the cause.`,
    );
  });

  it('stays a timeout', () => {
    const error = failure(KEY, new CacheTimeoutError('Redis did not answer within 1000 ms.'));
    expect(error).toBeInstanceOf(CacheTimeoutError);
    expect(error).toMatchObject({ key: KEY, layer: 'shared' });
    expect(error.message).toBe(`'${KEY}' ${said}: Redis did not answer within 1000 ms.`);
  });

  it('is told to be nothing that was sent, where there was nobody to send it to', () => {
    const error = failure(KEY, new NotReady());
    expect(error).toBeInstanceOf(Kind);
    expect(error).toMatchObject({ key: KEY, layer: 'shared' });
    expect(error.message).toBe(`'${KEY}': Redis is away, so nothing was sent. It is connected anew by itself.`);
  });
});
