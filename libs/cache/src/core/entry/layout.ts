/**
 * Where everything is in the one string of an entry. `docs/entry-format.md` explains each field; the two are compared
 * by a test. All numbers are unsigned and big-endian, so that a Lua script reads them with `struct.unpack('>I4I4')`
 * and changes them with SETRANGE.
 */
export const FORMAT = 1;

/** The header that scripts change in place: neither encrypted nor checked. */
export const MUTABLE = {
  magic: 0,
  format: 1,
  state: 2,
  flags: 3,
  waiters: 4,
  overlapped: 5,
  openIntents: 6,
  assigned: 8,
  source: 16,
  createdAt: 24,
  freshUntil: 32,
  staleUntil: 40,
  computeMs: 48,
  reserved: 52,
  tagGeneration: 56,
  leaseOwner: 64,
  leaseUntil: 80,
  intentsUntil: 88,
  intentOwner: 96,
  end: 104,
} as const;

export const MUTABLE_MAGIC = 0xdc;
export const HAS_SOURCE = 1;
export const LEASE_OWNER_BYTES = 16;
export const INTENT_OWNER_BYTES = 8;

/** The header that belongs to the payload and is never changed after; offsets from its own start. */
export const SEALED = {
  magic: 0,
  format: 2,
  codec: 3,
  flags: 4,
  reserved: 5,
  keyId: 8,
  rawLength: 12,
  templateHash: 16,
  /** Not encrypted: four bytes of CRC32C, then the payload. */
  checksum: 24,
  endChecked: 28,
  /** Encrypted: who sealed it, with which nonce, and GCM's tag, then the payload. */
  writerId: 24,
  nonce: 40,
  tag: 52,
  endEncrypted: 68,
} as const;

export const SEALED_MAGIC = 0x4470;
export const COMPRESSED = 1;
export const ENCRYPTED = 2;
