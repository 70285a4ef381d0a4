import { describe, expect, it } from 'vitest';
import { CacheWriteError } from '../../../core/errors.js';
import { readReply } from './script-reply.js';

describe('the reply of a script', () => {
  it('says what was done, under which version, and when', () => {
    expect(readReply([1, '1795376154145000', 1_795_376_154_145], 'k')).toEqual({
      done: true,
      assigned: 1_795_376_154_145_000,
      at: 1_795_376_154_145,
    });
    expect(readReply([0, '5', 6], 'k').done).toBe(false);
  });

  it.each([
    [[-1, '0', 5], /after its deadline/],
    ['OK', /unknown answer/],
    [null, /unknown answer/],
    [[], /unknown/],
  ])('is an error where nothing was done: %j', (reply, message) => {
    expect(() => readReply(reply, 'app:a:b:c')).toThrow(CacheWriteError);
    expect(() => readReply(reply, 'app:a:b:c')).toThrow(message);
  });
});
