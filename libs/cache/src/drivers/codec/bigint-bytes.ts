/** A sign byte (1: negative) and the magnitude, big-endian. By way of hex, which V8 reads and writes in linear time. */
export function bigintToBytes(value: bigint): Uint8Array {
  const digits = (value < 0n ? -value : value).toString(16);
  const hex = (value < 0n ? '01' : '00') + (digits.length % 2 === 0 ? digits : `0${digits}`);
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** @throws {RangeError} for bytes that `bigintToBytes` does not write. */
export function bigintFromBytes(bytes: Uint8Array): bigint {
  const sign = bytes[0];
  if (bytes.byteLength < 2 || sign === undefined || sign > 1) throw new RangeError('Not the bytes of a bigint.');
  const magnitude = BigInt(`0x${Buffer.from(bytes.subarray(1)).toString('hex')}`);
  return sign === 1 ? -magnitude : magnitude;
}
