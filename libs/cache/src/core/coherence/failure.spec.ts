import { describe, expect, it } from 'vitest';
import { failureOf, readFailure } from './failure.js';

class NotFoundException extends Error {
  readonly status = 404;

  constructor() {
    super('no such town');
    this.name = 'NotFoundException';
  }

  getStatus(): number {
    return this.status;
  }
}

describe('what others may know of an error', () => {
  it.each([
    [new TypeError('what'), { name: 'TypeError', message: 'what' }],
    [new NotFoundException(), { name: 'NotFoundException', message: 'no such town', status: 404 }],
    [Object.assign(new Error('no'), { statusCode: 409 }), { name: 'Error', message: 'no', status: 409 }],
    [
      Object.assign(new Error('no'), { status: 404, code: 'ERR_BAD' }),
      { name: 'Error', message: 'no', code: 'ERR_BAD' },
    ],
    [Object.assign(new Error('no'), { statusCode: 200 }), { name: 'Error', message: 'no' }],
    ['text', { name: 'Error', message: 'text' }],
    [new Error('x'.repeat(5_000)), { name: 'Error', message: 'x'.repeat(300) }],
  ])('is its name, its message and what it maps to: %s', (error, failure) => {
    expect(failureOf(error)).toEqual(failure);
    expect(readFailure(JSON.parse(JSON.stringify(failure)))).toEqual(failure);
  });

  it('is nothing of a load that was ended in its process', () => {
    expect(failureOf(AbortSignal.abort().reason)).toBeUndefined();
  });

  it.each([null, 5, {}, { name: 'Error' }, { name: 5, message: 'x' }])('is not %j, which somebody sent', (sent) => {
    expect(readFailure(sent)).toBeUndefined();
  });
});
