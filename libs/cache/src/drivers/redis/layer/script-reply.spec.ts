import { describe, expect, it } from 'vitest';
import { readReply } from './script-reply.js';

describe('the reply of a script', () => {
  it('says when the server ran it, and of each key what was done under which version', () => {
    expect(readReply(['1795376154145250', 1, 1_795_376_154_145_000, 0, 5], 2)).toEqual({
      at: 1_795_376_154_145.25,
      isLate: false,
      pairs: [1, 1_795_376_154_145_000, 0, 5],
    });
  });

  it('is the same as bytes and as text', () => {
    const pairs = [1, 5];
    expect(readReply([Buffer.from('6000'), 1, 5], 1)).toEqual({ at: 6, isLate: false, pairs });
    expect(readReply(['6000', '1', '5'], 1)).toEqual({ at: 6, isLate: false, pairs });
  });

  it.each([1, 2])('says when it came too late, for %d keys', (count) => {
    expect(readReply(['6000', -1], count)).toEqual({ at: 6, isLate: true, pairs: [] });
  });

  it.each([
    ['no list', 'OK', 1],
    ['nothing', null, 1],
    ['an empty list', [], 1],
    ['no time', ['', 1, 5], 1],
    ['a time that is none', ['x', 1, 5], 1],
    ['of fewer keys than asked', ['6000', 1, 5], 2],
    ['of more keys than asked', ['6000', 1, 5, 1, 6], 1],
    ['half a pair', ['6000', 1], 1],
    ['a version that is none', ['6000', 1, 'x'], 1],
    ['a version that no number holds', ['6000', 1, '18446744073709551615'], 1],
    ['late among others', ['6000', -1, 5, 6], 1],
  ])('is an error where it is none of ours: %s', (_, reply, count) => {
    expect(() => readReply(reply, count)).toThrow(/none of ours/);
  });
});
