import { describe, expect, it } from 'vitest';
import { CacheConfigError, CacheKeyError } from '../errors.js';
import { MAX_TAG_LENGTH, tagName } from './tag-name.js';
import { tagsOption } from './tags-option.js';

describe('the name of a tag', () => {
  it.each([
    ['country:de', 'country,de'],
    ['country,de', 'country,de'],
    ['a.b~c-d_e', 'a.b~c-d_e'],
  ])('of %j is %j', (text, name) => {
    expect(tagName(text)).toBe(name);
  });

  it.each(['', ' ', 'a b', 'a|b', 'ä'])('is not %j', (text) => {
    expect(() => tagName(text)).toThrow(CacheKeyError);
  });

  it('is a string of at most 256 characters', () => {
    expect(tagName('t'.repeat(MAX_TAG_LENGTH))).toHaveLength(MAX_TAG_LENGTH);
    expect(() => tagName('t'.repeat(MAX_TAG_LENGTH + 1))).toThrow(expect.objectContaining({ code: 'KEY_TOO_LONG' }));
    expect(() => tagName(7 as never)).toThrow(CacheKeyError);
  });
});

describe('the option for tags', () => {
  it('is a list, whose tags are checked at once, or a function', () => {
    expect(tagsOption(['a:b', 'a,b'], 'set')?.('value')).toEqual(['a,b']);
    expect([tagsOption(undefined, 'set'), tagsOption([], 'set')]).toEqual([undefined, undefined]);
    const given = () => ['a'];
    expect(tagsOption(given, 'set')).toBe(given);
    expect(() => tagsOption(['a b'], 'set')).toThrow(CacheKeyError);
    expect(() => tagsOption('a' as never, 'set')).toThrow(CacheConfigError);
  });
});
