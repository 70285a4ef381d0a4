import type { Codecs } from '../../../core/entry/codec.js';
import type { Entry, EntryHeader } from '../../../core/entry/entry.js';
import { openEntry, type Unreadable } from '../../../core/entry/envelope.js';
import { MUTABLE } from '../../../core/entry/layout.js';
import { readMutableHeader } from '../../../core/entry/mutable-header.js';
import type { Clock } from '../../../core/shared/clock.js';
import type { Sightings } from './sightings.js';

export interface EntryReaderParts {
  /** The server's time. */
  readonly clock: Clock;
  readonly codecs: Codecs;
  /** Bytes under a key of ours that cannot be read: a miss. */
  readonly unreadable?: ((key: string, reason: Unreadable) => void) | undefined;
  /** What a test makes of the bytes under a key. */
  readonly received?: ((key: string, bytes: Uint8Array) => Uint8Array) | undefined;
}

/** Turns what lies under a key into what is known of it. */
export class EntryReader {
  constructor(
    private readonly parts: EntryReaderParts,
    private readonly sightings: Sightings,
  ) {}

  /** @param reply bytes; null: nothing there */
  read(key: string, reply: unknown): Entry | undefined {
    if (reply === null) return undefined;
    if (!Buffer.isBuffer(reply)) throw new TypeError('the reply is neither bytes nor nothing');
    const { codecs, clock, received } = this.parts;
    const opened = openEntry(received?.(key, reply) ?? reply, { key, codecs });
    if (!opened.ok) return this.foreign(key, opened.reason);
    this.sightings.note(opened.header.version.assigned);
    const { entry } = opened;
    // What was made stale is remembered longer than it may be served.
    return entry === undefined || entry.staleUntil <= clock.coarse() ? undefined : entry;
  }

  /** @param reply the first bytes; none: nothing there */
  readHeader(reply: unknown): EntryHeader | undefined {
    if (!Buffer.isBuffer(reply)) throw new TypeError('the reply is no bytes');
    const header = reply.byteLength < MUTABLE.end ? undefined : readMutableHeader(reply);
    if (header === undefined) return undefined;
    this.sightings.note(header.version.assigned);
    return header.state === 'value' ? header : undefined;
  }

  /**
   * The version of what lies there, be it a value or not; 0: nothing of ours.
   * @param reply as of `readHeader`
   */
  readAssigned(reply: unknown): number {
    if (!Buffer.isBuffer(reply)) throw new TypeError('the reply is no bytes');
    const header = reply.byteLength < MUTABLE.end ? undefined : readMutableHeader(reply);
    return header?.version.assigned ?? 0;
  }

  /**
   * Whether a lease is what lies there.
   * @param reply as of `readHeader`
   */
  isLeased(reply: unknown, lease: Uint8Array): boolean {
    if (!Buffer.isBuffer(reply)) throw new TypeError('the reply is no bytes');
    if (reply.byteLength < MUTABLE.end || readMutableHeader(reply) === undefined) return false;
    return reply.subarray(MUTABLE.leaseOwner, MUTABLE.leaseOwner + lease.byteLength).equals(lease);
  }

  /** What somebody else put there is a miss. */
  foreign(key: string, reason: Unreadable = 'format'): undefined {
    this.parts.unreadable?.(key, reason);
  }
}
