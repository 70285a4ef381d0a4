const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Who an address is counted as: an IPv4 address, also one that is mapped into IPv6, is itself; of an IPv6 address it is
 * the /64, because a subscriber has at least all of that (RFC 6177). Anything else is itself.
 */
export function addressBlock(address: string): string {
  const [plain = ''] = address.split('%', 1);
  const [, mapped] = MAPPED.exec(plain) ?? [];
  if (mapped !== undefined) return mapped;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // The last four bytes may be written as an IPv4 address, which stands for two groups.
  const written = before.length + after.length + (after.at(-1)?.includes('.') ? 1 : 0);
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - written) }, () => '0');
  const block = [...before, ...gap, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16));
  if (block.length < 4 || block.some(Number.isNaN)) return address;
  return `${block.map((group) => group.toString(16)).join(':')}::/64`;
}
