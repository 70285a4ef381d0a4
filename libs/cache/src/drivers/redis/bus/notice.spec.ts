import { describe, expect, it } from 'vitest';
import { noticeHead, parseNotice } from './notice.js';

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
    `1 ${'p'.repeat(100)} 1 set 1 app:a:b:c`,
    '1 p 1 set 99999999999999999999 app:a:b:c',
  ])('is not what is no notice of ours: %j', (message) => {
    expect(parseNotice(message)).toBeUndefined();
  });
});
