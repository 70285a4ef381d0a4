import { describe, expect, it } from 'vitest';
import { CacheSerializationError } from '../../core/errors.js';
import { scanMessagePack } from './message-pack-scan.js';
import { MessagePackCodec } from './message-pack.js';
import { TaggedJsonCodec } from './tagged-json.js';

const messagePack = new MessagePackCodec();
const taggedJson = new TaggedJsonCodec();

function rows(times: number, ...bytes: number[]): Uint8Array {
  return Uint8Array.from(Array.from({ length: times }, () => bytes).flat());
}

describe('hostile bytes', () => {
  it.each([
    ['an array that claims 2^32 items', rows(1, 0xdd, 255, 255, 255, 255)],
    ['a map that claims 2^32 items', rows(1, 0xdf, 255, 255, 255, 255)],
    ['arrays in arrays that claim all that is left', rows(20_000, 0xdd, 0, 0, 0x40, 0)],
    ['a million arrays in each other', rows(1_000_000, 0x91)],
    ['201 arrays in each other', Uint8Array.from([...rows(200, 0x91), 0x90])],
    ['a text longer than the bytes', rows(1, 0xdb, 255, 255, 255, 255)],
    ['an extension longer than the bytes', rows(1, 0xc9, 255, 255, 255, 255, 2)],
    ['Maps in Maps without a list between', rows(1, 0xc7, 3, 2, 0xd4, 3, 0xc0)],
    ['bytes of no known kind', rows(1, 0xd4, 100, 1)],
    ['a typed array of half an item', rows(1, 0xd4, 16 + 6, 1)],
    ['a property called __proto__', Uint8Array.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80])],
    ['raw bytes, which we never write', rows(1, 0xc4, 1, 1)],
    ['something after the value', rows(2, 0xc0)],
    ['nothing', new Uint8Array()],
  ])('of MessagePack are refused: %s', (_, bytes) => {
    const before = process.memoryUsage();
    expect(() => messagePack.decode(bytes)).toThrow(CacheSerializationError);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(100 * 1024 * 1024);
  });

  it.each([
    ['a million lists in each other', '['.repeat(1_000_000)],
    ['700 lists in each other', '['.repeat(700) + ']'.repeat(700)],
    ['an unknown tag', '{"$":["script","x"]}'],
    ['a tag with company', '{"$":["undefined"],"a":1}'],
    ['a tag that is no list', '{"$":1}'],
    ['bytes of no known kind', '{"$":["binary","Function","AAAA"]}'],
    ['text cut short', '{"a":"b'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1')],
  ])('of tagged JSON are refused: %s', (_, json) => {
    expect(() => taggedJson.decode(Buffer.from(json, 'latin1'))).toThrow(CacheSerializationError);
  });

  it('cannot weigh more in the heap than a kept value may', () => {
    const objects = new Uint8Array(6_000_005).fill(0x80);
    objects.set([0xdd, 0, 0x5b, 0x8d, 0x80]);
    expect(() => messagePack.decode(objects)).toThrow(CacheSerializationError);
    const list = Buffer.from(`[${'{},'.repeat(12_000_000)}{}]`);
    expect(() => taggedJson.decode(list)).toThrow(CacheSerializationError);
  });

  it('cannot put one Map into another without spending a level of depth', () => {
    expect(() => scanMessagePack(rows(1, 0xc7, 3, 2, 0xd4, 3, 0xc0))).toThrow('Not a list');
  });

  it('leave a __proto__ of JSON as data', () => {
    const read = taggedJson.decode(Buffer.from('{"__proto__":{"admin":true}}'));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.entries(Object(read))).toEqual([['__proto__', { admin: true }]]);
  });
});
