import { escapePart } from '../../../core/keys/escape.js';

/**
 * The key of a lock: `coord:{service}:lock:{name}`. The name is one segment: its `:` is written `,`, and what could be
 * mistaken for either is escaped, so that no two names have one key.
 */
export function lockKey(service: string, name: string): string {
  const parts = name.split(':').map((part) => escapePart(part, 'the name of a lock'));
  return lockKeyRoot(service) + parts.join(',');
}

/** What stands before the name. */
export function lockKeyRoot(service: string): string {
  return `coord:${service}:lock:`;
}

/** The channel on which a process hears that a lock it waits for is free. */
export function wakeChannel(service: string, process: string): string {
  return `coord:${service}:wake:${process}`;
}
