import { expect, it } from 'vitest';
import { CacheError, CircuitOpenError } from '../errors.js';
import { retryAfterOf } from './retry-after.js';

const NOW = Date.UTC(2030, 0, 1);

it.each([
  [{ retryAfter: 2 }, 2_000],
  [{ retryAfter: '1.5' }, 1_500],
  [{ headers: { 'Retry-After': '3' } }, 3_000],
  [{ headers: { 'retry-after': ['4', '5'] } }, 4_000],
  [{ headers: new Headers({ 'retry-after': '5' }) }, 5_000],
  [{ response: { headers: { 'retry-after': 6 } } }, 6_000],
  [{ response: new Response(null, { headers: { 'retry-after': '7' } }) }, 7_000],
  [{ headers: { 'retry-after': new Date(NOW + 8_000).toUTCString() } }, 8_000],
  [{ headers: { 'retry-after': new Date(NOW - 8_000).toUTCString() } }, 0],
  [{ retryAfter: 'soon', headers: { 'retry-after': '9' } }, 9_000],
  [new CircuitOpenError('open', 250), 250],
])('%o: wait %i ms', (error, ms) => {
  expect(retryAfterOf(error, NOW)).toBe(ms);
});

it.each([
  undefined,
  null,
  'text',
  {},
  { retryAfter: -1 },
  { retryAfter: NaN },
  { headers: null },
  new CacheError('READ', 'no'),
])('%o: nothing is said', (error) => {
  expect(retryAfterOf(error, NOW)).toBe(undefined);
});

const broken = (): never => {
  throw new Error('broken');
};

it.each<[string, unknown]>([
  ['a getter', Object.defineProperty({}, 'retryAfter', { get: broken })],
  ['its headers', { headers: { get: broken } }],
  ['its response', { response: new Proxy({}, { get: broken }) }],
  ['being looked at', new Proxy({}, { getPrototypeOf: broken })],
])('nothing is said by an error that throws at %s', (_what, error) => {
  expect(retryAfterOf(error, NOW)).toBe(undefined);
});
