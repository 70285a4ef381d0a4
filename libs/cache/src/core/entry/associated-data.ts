import { crc32c } from './crc32c.js';
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

/** CRC32C over header, key and payload: finds damage and misplacement, not forgery. */
export function checksum(sealed: Uint8Array, key: string, payload: Uint8Array): number {
  return crc32c(payload, crc32c(associatedData(sealed, key)));
}
