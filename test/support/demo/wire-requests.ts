/** Messages of PostgreSQL's protocol behind which a client waits for an answer: Query and Sync. */
const ENDS = new Set(['Q', 'S']);

/**
 * Puts the bytes of one connection together until they are something that PostgreSQL can answer as a whole: its startup
 * message, a query, or all that is sent up to a Sync. What comes behind a Terminate is nobody's.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function completeRequests(take: (request: Buffer) => void): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  let looked = 0;
  let hasStarted = false;
  const message = () => {
    // Only the startup message has no type in front of its length.
    const head = hasStarted ? 1 : 0;
    if (bytes.length < looked + head + 4) return undefined;
    const end = looked + head + bytes.readUInt32BE(looked + head);
    return end > bytes.length ? undefined : { end, type: hasStarted ? String.fromCharCode(bytes[looked] ?? 0) : '' };
  };
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let next = message(); next !== undefined && next.type !== 'X'; next = message()) {
      looked = next.end;
      if (hasStarted && !ENDS.has(next.type)) continue;
      hasStarted = true;
      take(bytes.subarray(0, looked));
      bytes = bytes.subarray(looked);
      looked = 0;
    }
  };
}
