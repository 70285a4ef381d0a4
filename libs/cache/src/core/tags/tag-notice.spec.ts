import { describe, expect, it } from 'vitest';
import { MAX_NOTICE_LENGTH, parseTagNotice, tagNoticeText, tagsKey } from './tag-notice.js';

const KEY = tagsKey('lake', 'shop');

describe('the notice of tags', () => {
  it.each([
    { cache: 'shop', mode: 'delete', tags: ['a', 'b,c'] },
    { cache: 'shop', mode: 'expire', tags: ['a'] },
    { cache: 'shop', mode: 'delete', tags: [] },
  ] as const)('comes back as it was: %j', (news) => {
    expect(parseTagNotice(tagNoticeText(KEY, news), 'lake')).toEqual(news);
  });

  it('names no tags where they are too many, and says so', () => {
    const tags = Array.from({ length: MAX_NOTICE_LENGTH }, (_, at) => `tag${at}`);
    const text = tagNoticeText(KEY, { mode: 'delete', tags });
    expect(text.length).toBeLessThan(100);
    expect(parseTagNotice(text, 'lake')).toEqual({ cache: 'shop', mode: 'delete', tags: undefined });
  });

  it.each(['', 'coord:lake', 'app:lake:town:1', `${KEY}|drop|a`, `${KEY}|delete|`, `${KEY}|delete|a||b`, ` ${KEY}`])(
    'is not what somebody else has published: %j',
    (text) => {
      expect(parseTagNotice(text, 'lake')).toBeUndefined();
    },
  );

  it('is of one service alone', () => {
    expect(parseTagNotice(KEY, 'sea')).toBeUndefined();
  });
});
