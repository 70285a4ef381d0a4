import type { EntryHeader } from './entry.js';
import { FORMAT, HAS_SOURCE, INTENT_OWNER_BYTES, LEASE_OWNER_BYTES, MUTABLE, MUTABLE_MAGIC } from './layout.js';
import { readUint64, writeUint64 } from './uint64.js';
import { fromUnsigned, toUnsigned } from './version.js';

/** A placeholder has no value yet: it holds the lease or the intents of those who work on one. */
export type EntryState = 'placeholder' | 'value' | 'tombstone';

/** What loaders and writers tell each other in the header. Times are server milliseconds; 0: not set. */
export interface Marks {
  /** 16 bytes; all zero: no lease. */
  readonly leaseOwner: Uint8Array;
  readonly leaseUntil: number;
  /** Somebody waits for the fill and wants to be woken. */
  readonly waiters: boolean;
  readonly openIntents: number;
  readonly intentsUntil: number;
  /** 8 bytes, of whoever began last: a writer that finds another's was not alone. */
  readonly intentOwner: Uint8Array;
  /** Two intents were open at once since the count was last zero. */
  readonly overlapped: boolean;
}

export interface StateAndMarks {
  readonly state: EntryState;
  readonly marks: Marks;
}

/** Everything of an entry that scripts may change in place. */
export interface MutableHeader extends EntryHeader, StateAndMarks {}

export const NO_MARKS: Marks = Object.freeze({
  leaseOwner: new Uint8Array(LEASE_OWNER_BYTES),
  leaseUntil: 0,
  waiters: false,
  openIntents: 0,
  intentsUntil: 0,
  intentOwner: new Uint8Array(INTENT_OWNER_BYTES),
  overlapped: false,
});

const STATES: readonly EntryState[] = ['placeholder', 'value', 'tombstone'];

/** Writes the header into the first bytes, all of which are zero. */
export function writeMutableHeader(bytes: Uint8Array, header: EntryHeader, { state, marks }: StateAndMarks): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { source } = header.version;
  view.setUint8(MUTABLE.magic, MUTABLE_MAGIC);
  view.setUint8(MUTABLE.format, FORMAT);
  view.setUint8(MUTABLE.state, STATES.indexOf(state));
  view.setUint8(MUTABLE.flags, source === undefined ? 0 : HAS_SOURCE);
  writeUint64(view, MUTABLE.assigned, header.version.assigned);
  if (source !== undefined) view.setBigUint64(MUTABLE.source, toUnsigned(source));
  writeUint64(view, MUTABLE.createdAt, header.createdAt);
  writeUint64(view, MUTABLE.freshUntil, header.freshUntil);
  writeUint64(view, MUTABLE.staleUntil, header.staleUntil);
  view.setUint32(MUTABLE.computeMs, Math.min(Math.max(0, header.computeMs), 2 ** 32 - 1));
  writeUint64(view, MUTABLE.tagGeneration, header.tagGeneration);
  if (marks !== NO_MARKS) writeMarks(bytes, view, marks);
}

function writeMarks(bytes: Uint8Array, view: DataView, marks: Marks): void {
  view.setUint8(MUTABLE.waiters, marks.waiters ? 1 : 0);
  view.setUint8(MUTABLE.overlapped, marks.overlapped ? 1 : 0);
  view.setUint16(MUTABLE.openIntents, Math.min(marks.openIntents, 0xffff));
  bytes.set(marks.leaseOwner.subarray(0, LEASE_OWNER_BYTES), MUTABLE.leaseOwner);
  writeUint64(view, MUTABLE.leaseUntil, marks.leaseUntil);
  writeUint64(view, MUTABLE.intentsUntil, marks.intentsUntil);
  bytes.set(marks.intentOwner.subarray(0, INTENT_OWNER_BYTES), MUTABLE.intentOwner);
}

/** Undefined when the bytes begin with no header of this format. There must be at least `MUTABLE.end` of them. */
export function readMutableHeader(bytes: Uint8Array): MutableHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const state = STATES[view.getUint8(MUTABLE.state)];
  const flags = view.getUint8(MUTABLE.flags);
  const known = view.getUint8(MUTABLE.magic) === MUTABLE_MAGIC && view.getUint8(MUTABLE.format) === FORMAT;
  if (!known || state === undefined || flags > HAS_SOURCE) return undefined;
  const header = new ReadHeader(state, view);
  // Nothing could ever be newer than an endless number: it is damage, not a version.
  return header.version.assigned === Infinity || header.tagGeneration === Infinity ? undefined : header;
}

class ReadHeader implements MutableHeader {
  readonly version: MutableHeader['version'];
  readonly createdAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly computeMs: number;
  readonly tagGeneration: number;
  readonly #view: DataView;

  constructor(
    readonly state: EntryState,
    view: DataView,
  ) {
    const isSourced = view.getUint8(MUTABLE.flags) === HAS_SOURCE;
    this.version = {
      source: isSourced ? fromUnsigned(view.getBigUint64(MUTABLE.source)) : undefined,
      assigned: readUint64(view, MUTABLE.assigned),
    };
    this.createdAt = readUint64(view, MUTABLE.createdAt);
    this.freshUntil = readUint64(view, MUTABLE.freshUntil);
    this.staleUntil = readUint64(view, MUTABLE.staleUntil);
    this.computeMs = view.getUint32(MUTABLE.computeMs);
    this.tagGeneration = readUint64(view, MUTABLE.tagGeneration);
    this.#view = view;
  }

  /** Read when somebody asks: few do. */
  get marks(): Marks {
    return readMarks(this.#view);
  }
}

function readMarks(view: DataView): Marks {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return {
    leaseOwner: Uint8Array.from(bytes.subarray(MUTABLE.leaseOwner, MUTABLE.leaseOwner + LEASE_OWNER_BYTES)),
    leaseUntil: readUint64(view, MUTABLE.leaseUntil),
    waiters: view.getUint8(MUTABLE.waiters) !== 0,
    openIntents: view.getUint16(MUTABLE.openIntents),
    intentsUntil: readUint64(view, MUTABLE.intentsUntil),
    intentOwner: Uint8Array.from(bytes.subarray(MUTABLE.intentOwner, MUTABLE.intentOwner + INTENT_OWNER_BYTES)),
    overlapped: view.getUint8(MUTABLE.overlapped) !== 0,
  };
}
