import { describe, expect, it } from 'vitest';
import { decodeTags, encodeTags } from './tag-list.js';

describe('a list of tags', () => {
  it.each([[[]], [['a']], [['users', '', 'café', 'x'.repeat(65_535)]]])('is read as written, %#', (tags) => {
    const bytes = encodeTags(tags);
    const behind = Uint8Array.from([...bytes, 1, 2, 3]);
    expect(decodeTags(behind)).toEqual({ tags, end: bytes.byteLength });
  });

  it('is none when cut short, wherever', () => {
    const bytes = encodeTags(['ab', 'c']);
    for (let length = 0; length < bytes.byteLength; length++)
      expect(decodeTags(bytes.subarray(0, length))).toBe(undefined);
  });

  it('has at most 65,535 tags and bytes in a tag', () => {
    expect(() => encodeTags(['x'.repeat(65_536)])).toThrow('at most 65535');
    expect(() => encodeTags(Array.from({ length: 65_536 }, () => ''))).toThrow('at most 65535');
  });
});
