import { describe, expect, it } from 'vitest';
import { fields, list, readReply, ReplyError, text, writeCommand } from './reply.js';

const read = (bytes: string) => readReply(Buffer.from(bytes), 0, 'utf8')?.reply;

describe('a reply', () => {
  it.each([
    ['+OK\r\n', 'OK'],
    [':42\r\n', 42],
    ['$5\r\nлad\r\n', undefined],
    ['$4\r\nлad\r\n', 'лad'],
    ['$0\r\n\r\n', ''],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['*0\r\n', []],
    ['*3\r\n:1\r\n*1\r\n+a\r\n$-1\r\n', [1, ['a'], null]],
  ])('%j is %j', (bytes, value) => {
    expect(read(bytes)).toEqual(value);
  });

  it('is an error that can be told from a text', () => {
    expect(read('-ERR no\r\n')).toEqual(new ReplyError('ERR no'));
    expect(read('*1\r\n-ERR no\r\n')).toEqual([new ReplyError('ERR no')]);
  });

  it('is not there before its last byte', () => {
    const whole = '*2\r\n$3\r\nabc\r\n:7\r\n';
    for (let end = 0; end < whole.length; end += 1) expect(read(whole.slice(0, end))).toBeUndefined();
    expect(read(whole)).toEqual(['abc', 7]);
  });

  it('is refused where it is no RESP2', () => {
    expect(() => read('HTTP/1.1 400\r\n')).toThrow('not RESP2');
  });

  it('is read for what a caller expects', () => {
    expect(() => text(1)).toThrow('expected a text');
    expect(() => list('a')).toThrow('expected a list');
    expect(fields('# A\r\na:1\r\nb:c:d\r\n').get('b')).toBe('c:d');
  });
});

describe('a command', () => {
  it('counts bytes', () => {
    expect(writeCommand(['SET', 'л', 1], 'utf8').toString()).toBe('*3\r\n$3\r\nSET\r\n$2\r\nл\r\n$1\r\n1\r\n');
  });
});
