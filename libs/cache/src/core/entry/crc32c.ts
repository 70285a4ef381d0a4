/** Castagnoli's polynomial, reflected (RFC 3720 appendix B.4); four bytes a step by four tables (Intel's slicing). */
const POLYNOMIAL = 0x82f63b78;
const TABLE = new Int32Array(4 * 256);

for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  TABLE[byte] = crc;
}
for (let at = 256; at < TABLE.length; at++) {
  const below = table(at - 256);
  TABLE[at] = (below >>> 8) ^ table(below & 0xff);
}

function table(at: number): number {
  return TABLE[at] ?? 0;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** CRC32C of the first `length` bytes as an unsigned number. Give the result of the part before to go on from there. */
export function crc32c(bytes: Uint8Array, before = 0, length = bytes.length): number {
  let crc = ~before;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    crc ^=
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
    crc =
      table(768 + (crc & 0xff)) ^
      table(512 + ((crc >>> 8) & 0xff)) ^
      table(256 + ((crc >>> 16) & 0xff)) ^
      table(crc >>> 24);
  }
  for (; at < length; at++) crc = table((crc ^ byteAt(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The same of ASCII text, without making bytes of it first. */
export function crc32cOfAscii(text: string, before = 0): number {
  let crc = ~before;
  for (let at = 0; at < text.length; at++) crc = table((crc ^ text.charCodeAt(at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}
