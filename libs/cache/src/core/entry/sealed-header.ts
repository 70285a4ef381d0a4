import { COMPRESSED, ENCRYPTED, FORMAT, SEALED, SEALED_MAGIC } from './layout.js';

/** What is said of a payload, and never changed after it was written. */
export interface SealedHeader {
  readonly codec: number;
  readonly compressed: boolean;
  readonly encrypted: boolean;
  /** Which encryption key; 0: none. */
  readonly keyId: number;
  /** Bytes of the payload before compression. */
  readonly rawLength: number;
}

/** The same, as it is written. */
export interface WrittenHeader extends SealedHeader {
  /** Of the key's template; 0n: not known. For whoever looks at bytes; we do not read it. */
  readonly templateHash: bigint;
}

/** Bytes of the header itself: where the payload begins. */
export function sealedLength(encrypted: boolean): number {
  return encrypted ? SEALED.endEncrypted : SEALED.endChecked;
}

/** Writes all but the checksum, or all but writer, nonce and tag. */
export function writeSealedHeader(bytes: Uint8Array, header: WrittenHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(SEALED.magic, SEALED_MAGIC);
  view.setUint8(SEALED.format, FORMAT);
  view.setUint8(SEALED.codec, header.codec);
  view.setUint8(SEALED.flags, (header.compressed ? COMPRESSED : 0) | (header.encrypted ? ENCRYPTED : 0));
  view.setUint32(SEALED.keyId, header.keyId);
  view.setUint32(SEALED.rawLength, header.rawLength);
  view.setBigUint64(SEALED.templateHash, header.templateHash);
}

/** What these bytes begin with; a word when that cannot be read here. */
export function readSealedHeader(bytes: Uint8Array): SealedHeader | 'truncated' | 'format' {
  if (bytes.byteLength < SEALED.endChecked) return 'truncated';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(SEALED.flags);
  const known = view.getUint16(SEALED.magic) === SEALED_MAGIC && view.getUint8(SEALED.format) === FORMAT;
  if (!known || (flags & ~(COMPRESSED | ENCRYPTED)) !== 0) return 'format';
  const encrypted = (flags & ENCRYPTED) !== 0;
  if (bytes.byteLength < sealedLength(encrypted)) return 'truncated';
  return {
    codec: view.getUint8(SEALED.codec),
    compressed: (flags & COMPRESSED) !== 0,
    encrypted,
    keyId: view.getUint32(SEALED.keyId),
    rawLength: view.getUint32(SEALED.rawLength),
  };
}
