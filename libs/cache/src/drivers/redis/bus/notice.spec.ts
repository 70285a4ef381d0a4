import { describe, expect, it } from 'vitest';
import { beatText, newsText, noticeHead, noticeText, parseBeat, parseLoadNews, parseNotice } from './notice.js';

describe('a notice', () => {
  it('is read as it was written', () => {
    expect(parseNotice(`${noticeHead('p-1', 7, 'delete')}1795376154145000 app:lake:product:1`)).toEqual({
      publisher: 'p-1',
      number: 7,
      kind: 'delete',
      assigned: 1_795_376_154_145_000,
      key: 'app:lake:product:1',
    });
  });

  it.each([
    '',
    'anything',
    '2 p 1 set 1 app:a:b:c',
    '1 p 1 drop 1 app:a:b:c',
    '1 p x set 1 app:a:b:c',
    '1 p 1 set 1 a key with spaces',
    '1 p 1 set 1 app:a:b:c\n',
    `1 p 1 set 1 ${'x'.repeat(600)}`,
    `1 p 1 tag 1 coord:${'x'.repeat(5_000)}`,
    `1 ${'p'.repeat(100)} 1 set 1 app:a:b:c`,
    '1 p 1 set 99999999999999999999 app:a:b:c',
    '1 p 9007199254740992 set 1 app:a:b:c',
  ])('is not what is no notice of ours: %j', (message) => {
    expect(parseNotice(message)).toBeUndefined();
  });
});

describe('a void', () => {
  it('is a notice like any other', () => {
    const told = { publisher: 'p-1', number: 7, kind: 'void', assigned: 0, key: 'app:lake:product:1' } as const;
    expect(parseNotice(noticeText(told))).toEqual(told);
    expect(parseBeat(noticeText(told))).toBeUndefined();
  });
});

describe('a beat', () => {
  it.each([true, false])('is read as it was written, the last: %s', (isLast) => {
    const beat = { publisher: 'p-1', from: 3, age: 1_000, settled: 7, taken: 9, isLast };
    expect(parseBeat(beatText(beat))).toEqual(beat);
    expect(parseNotice(beatText(beat))).toBeUndefined();
  });

  it('of a publisher whose id is a number is no notice', () => {
    expect(parseNotice(beatText({ publisher: '1', from: 2, age: 3, settled: 4, taken: 5, isLast: true }))).toBe(
      undefined,
    );
  });

  it.each([
    '',
    '1 beat p 1 1 1 1',
    '1 beat p 1 1 1 1 soon',
    '2 beat p 1 1 1 1 more',
    '1 beat p 1 -1 1 1 more',
    '1 beat p 9007199254740992 1 1 1 more',
    '1 beat p 1 1 9007199254740992 1 more',
    '1 beat p 1 1 1 9007199254740992 more',
    '1 beat p 1 1 1 1 more\n',
  ])('is not what is no beat of ours: %j', (message) => {
    expect(parseBeat(message)).toBeUndefined();
  });
});

describe('news of a load', () => {
  const wake = (news: string) => parseLoadNews(`1 wake ${news} app:lake:town:1`)?.news;

  it.each(['stored', 'failed', 'unfilled', { name: 'Error', message: 'größer: 5 > 3', status: 404 }] as const)(
    'is read as it was written: %j',
    (news) => {
      expect(wake(newsText(news))).toEqual(news);
    },
  );

  it.each(['failed:e30', 'failed:bm9uZQ', 'failed:_', 'stored:e30'])('is without a reason that is none: %s', (news) => {
    expect(wake(news)).toBe(news.split(':')[0]);
  });

  it.each(['lost', 'failed:', 'failed:a b', `failed:${'x'.repeat(5_000)}`])('is not %s', (news) => {
    expect(wake(news)).toBeUndefined();
  });
});
