import { describe, expect, it } from 'vitest';
import { crc32c, crc32cOfAscii } from './crc32c.js';

describe('CRC32C', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogues.
  it.each([
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 rising bytes', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
    ['nothing', new Uint8Array(), 0],
  ])('of %s is the published number', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('of text is that of its bytes, also from the part before', () => {
    expect(crc32cOfAscii('123456789')).toBe(0xe3069283);
    expect(crc32cOfAscii('56789', crc32c(Buffer.from('1234xyz'), 0, 4))).toBe(0xe3069283);
  });

  it('goes on from the part before, wherever it is cut', () => {
    const bytes = Uint8Array.from({ length: 37 }, (_, at) => at * 7);
    for (let cut = 0; cut <= bytes.byteLength; cut++) {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }
  });
});
