import { crc32c, crc32cOfAscii } from './crc32c.js';
import { ENCRYPTED, SEALED } from './layout.js';

const text = new TextEncoder();

/**
 * What is authenticated with a payload besides itself: its sealed header, the checksum or tag in it read as zero, and
 * the full key, so that bytes copied to another key are noticed. AES-GCM takes it as AAD; the checksum begins with it.
 * @param sealed the sealed header, whole and alone.
 */
export function associatedData(sealed: Uint8Array, key: string): Uint8Array {
  const keyBytes = text.encode(key);
  const data = new Uint8Array(sealed.byteLength + 4 + keyBytes.byteLength);
  data.set(sealed);
  const encrypted = ((sealed[SEALED.flags] ?? 0) & ENCRYPTED) !== 0;
  data.fill(0, encrypted ? SEALED.tag : SEALED.checksum, sealed.byteLength);
  // The length (in four bytes; a key has at most 512) keeps the end of a key and the start of a payload apart.
  data[sealed.byteLength + 2] = keyBytes.byteLength >>> 8;
  data[sealed.byteLength + 3] = keyBytes.byteLength;
  data.set(keyBytes, sealed.byteLength + 4);
  return data;
}

/** What stands between header and key: the checksum read as zero, and the key's length. */
const between = new Uint8Array(8);

/**
 * CRC32C over header, key and payload, as of `associatedData` and the payload behind it: finds damage and misplacement,
 * not forgery.
 * @param key ASCII, as all keys are.
 */
export function checksum(sealed: Uint8Array, key: string, payload: Uint8Array): number {
  between[6] = key.length >>> 8;
  between[7] = key.length;
  return crc32c(payload, crc32cOfAscii(key, crc32c(between, crc32c(sealed, 0, SEALED.checksum))));
}
