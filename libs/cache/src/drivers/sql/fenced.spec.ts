import { describe, expect, it } from 'vitest';
import { CacheConfigError } from '../../core/errors.js';
import { fenced } from './fenced.js';

describe('the parts of a fenced statement', () => {
  it('hold the token as a parameter, never as text of the statement', () => {
    expect(fenced(123n, { parameter: 4 })).toEqual({
      set: '"fence" = CAST($4::text AS bigint)',
      where: '"fence" <= CAST($4::text AS bigint)',
      value: '123',
    });
  });

  it('hold a column under any name, and nothing that is not its name', () => {
    expect(fenced(1n, { parameter: 1, column: 'a" = 0; --' }).where).toBe('"a"" = 0; --" <= CAST($1::text AS bigint)');
  });

  it.each([
    [-1n, { parameter: 1 }, '-1 is no fencing token'],
    [2n ** 63n, { parameter: 1 }, 'is no fencing token'],
    [5 as never, { parameter: 1 }, '5 is no fencing token'],
    [1n, { parameter: 0 }, 'parameter 0'],
    [1n, { parameter: 1.5 }, 'parameter 1.5'],
    [1n, { parameter: '1; DROP' as never }, 'parameter "1; DROP"'],
    [1n, { parameter: 1, column: '' }, 'column ""'],
    [1n, { parameter: 1, column: 'a\0' }, 'is no name of a column'],
    [1n, { parameter: 1, column: 'ü'.repeat(32) }, 'is no name of a column'],
  ])('refuse %s with %j', (token, place, message) => {
    expect(() => fenced(token, place)).toThrow(CacheConfigError);
    expect(() => fenced(token, place)).toThrow(message);
  });
});
