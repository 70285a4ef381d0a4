import { escapePart } from '../../../core/keys/escape.js';

/** Braces, as they are escaped: the first that opens, and the first after it that closes. */
const HASH_TAG = /%7B(.+?)%7D/;

/**
 * The key of a lock: `coord:{service}:lock:{name}`. The name is one segment: its `:` is written `,`, and what could be
 * mistaken for either is escaped, so that no two names have one key. A part in braces stays as it is: it is the hash tag
 * of Redis, and names that have it in common are in one slot of a cluster.
 */
export function lockKey(service: string, name: string): string {
  const parts = name.split(':').map((part) => escapePart(part, 'the name of a lock'));
  return lockKeyRoot(service) + parts.join(',').replace(HASH_TAG, '{$1}');
}

/** What stands before the name. */
export function lockKeyRoot(service: string): string {
  return `coord:${service}:lock:`;
}

/** The channel on which a process hears that a lock it waits for is free. */
export function wakeChannel(service: string, process: string): string {
  return `coord:${service}:wake:${process}`;
}
