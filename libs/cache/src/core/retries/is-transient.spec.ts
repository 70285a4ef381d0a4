import { expect, it } from 'vitest';
import { CacheConfigError, CacheKeyError, CacheTimeoutError, CircuitOpenError } from '../errors.js';
import { isTransient } from './is-transient.js';

const saying = (fields: object) => Object.assign(new Error('no'), fields);

it.each([
  new Error('socket hang up'),
  'text',
  undefined,
  null,
  saying({ status: 500 }),
  saying({ statusCode: 503 }),
  saying({ response: { status: 502 } }),
  saying({ status: 408 }),
  saying({ statusCode: 425 }),
  saying({ response: { status: 429 } }),
  saying({ status: '404' }),
  new CacheTimeoutError('slow'),
])('%o is worth another attempt', (error) => {
  expect(isTransient(error)).toBe(true);
});

it.each([
  saying({ status: 400 }),
  saying({ statusCode: 404 }),
  saying({ response: { status: 499 } }),
  new CacheConfigError('wrong'),
  new CacheKeyError('KEY_VALUE', 'wrong'),
  new CircuitOpenError('open', 100),
])('%o is not', (error) => {
  expect(isTransient(error)).toBe(false);
});
