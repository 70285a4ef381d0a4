/** CRC16-CCITT (XModem), as Redis Cluster spreads keys over its 16,384 slots. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The slot of a key; only what stands between the first braces counts, if anything does. */
export function slotOf(key: string): number {
  const tag = /\{([^}]+)\}/.exec(key);
  const open = key.indexOf('{');
  // The first brace decides: in `{}{a}` it encloses nothing, and the whole key counts.
  return crc16(Buffer.from(tag?.index === open && tag[1] !== undefined ? tag[1] : key)) % 16_384;
}
