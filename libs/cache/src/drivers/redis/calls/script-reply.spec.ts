import { describe, expect, it } from 'vitest';
import { readReply } from './script-reply.js';

describe('the reply of a script', () => {
  it('says when the server ran it, and so many things of each key', () => {
    expect(readReply(['1795376154145250', 1, 'a', 0, null], 2, 2)).toEqual({
      at: 1_795_376_154_145.25,
      isLate: false,
      items: [
        [1, 'a'],
        [0, null],
      ],
    });
  });

  it('has its time as bytes or as text', () => {
    expect(readReply([Buffer.from('6000'), 1], 1, 1)).toMatchObject({ at: 6 });
    expect(readReply(['6000', 1], 1, 1)).toMatchObject({ at: 6 });
  });

  it.each([1, 2])('says when it came too late, for %d keys', (count) => {
    expect(readReply(['6000'], count, 2)).toEqual({ at: 6, isLate: true, items: [] });
  });

  it.each([
    ['no list', 'OK', 1],
    ['nothing', null, 1],
    ['an empty list', [], 1],
    ['no time', ['', 1, 5], 1],
    ['a time that is none', ['x', 1, 5], 1],
    ['of fewer keys than asked', ['6000', 1, 5], 2],
    ['of more keys than asked', ['6000', 1, 5, 1, 6], 1],
    ['half of what is said of a key', ['6000', 1], 1],
  ])('is an error where it is none of ours: %s', (_, reply, count) => {
    expect(() => readReply(reply, count, 2)).toThrow(/none of ours/);
  });
});
