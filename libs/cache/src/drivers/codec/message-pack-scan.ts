import { DEEPEST, LARGEST } from '../../core/entry/limits.js';
import { EXTENSION } from './message-pack-extensions.js';

/**
 * What follows a lead byte. The library allocates arrays by the length they claim and has no limit of depth, so that
 * ten bytes could ask for gigabytes: everything is measured before it sees a byte. `bin` is refused, we never write it.
 */
type Shape = 'scalar' | 'text' | 'array' | 'map' | 'extension';

interface Lead {
  readonly shape: Shape;
  /** Bytes of the length that follows; 0: the length is `fixed`. */
  readonly lengthBytes: number;
  readonly fixed: number;
}

const LEADS: readonly (Lead | undefined)[] = Array.from({ length: 256 }, (_, lead) => leadOf(lead));

function leadOf(lead: number): Lead | undefined {
  if (lead < 0x80 || lead >= 0xe0) return fixed('scalar', 0);
  if (lead < 0x90) return fixed('map', lead & 0x0f);
  if (lead < 0xa0) return fixed('array', lead & 0x0f);
  if (lead < 0xc0) return fixed('text', lead & 0x1f);
  if (lead === 0xc0 || lead === 0xc2 || lead === 0xc3) return fixed('scalar', 0);
  if (lead >= 0xc7 && lead <= 0xc9) return { shape: 'extension', lengthBytes: 1 << (lead - 0xc7), fixed: 0 };
  if (lead === 0xca) return fixed('scalar', 4);
  if (lead === 0xcb) return fixed('scalar', 8);
  if (lead >= 0xcc && lead <= 0xd3) return fixed('scalar', 1 << (lead & 3));
  if (lead >= 0xd4 && lead <= 0xd8) return fixed('extension', 1 << (lead - 0xd4));
  if (lead >= 0xd9 && lead <= 0xdb) return { shape: 'text', lengthBytes: 1 << (lead - 0xd9), fixed: 0 };
  if (lead === 0xdc || lead === 0xdd) return { shape: 'array', lengthBytes: lead === 0xdc ? 2 : 4, fixed: 0 };
  if (lead === 0xde || lead === 0xdf) return { shape: 'map', lengthBytes: lead === 0xde ? 2 : 4, fixed: 0 };
  return undefined;
}

function fixed(shape: Shape, length: number): Lead {
  return { shape, lengthBytes: 0, fixed: length };
}

/** Heap bytes, at most what `heap-size.ts` counts: every value that was kept can be read back, and no larger one. */
const ARRAY = 48;
const OBJECT = 24;
const SLOT = 8;

class Scan {
  private at = 0;
  private weight = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** One value from here, which ends where `end` says. */
  whole(end: number, depth: number): void {
    this.value(end, depth);
    if (this.at !== end) throw new RangeError('Bytes are left over.');
  }

  private value(end: number, depth: number): void {
    const lead = LEADS[this.view.getUint8(this.at++)];
    if (lead === undefined) throw new RangeError('An unknown lead byte.');
    const length = lead.lengthBytes === 0 ? lead.fixed : this.length(lead.lengthBytes);
    if (lead.shape === 'extension') this.extension(length, end, depth);
    else if (lead.shape === 'array' || lead.shape === 'map') {
      const list = lead.shape === 'array';
      this.weight += (list ? ARRAY : OBJECT) + length * SLOT;
      this.items(list ? length : length * 2, end, depth);
    } else this.skip(length, end);
  }

  private length(lengthBytes: number): number {
    const at = this.at;
    this.at += lengthBytes;
    if (lengthBytes === 1) return this.view.getUint8(at);
    return lengthBytes === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  private items(count: number, end: number, depth: number): void {
    if (depth === DEEPEST) throw new RangeError('Nested too deep.');
    if (this.weight > LARGEST) throw new RangeError('Too large.');
    for (let left = count; left > 0; left--) this.value(end, depth + 1);
  }

  private extension(length: number, end: number, depth: number): void {
    const type = this.view.getInt8(this.at++);
    const from = this.at;
    if (length > end - from) throw new RangeError('Cut short.');
    if (type !== EXTENSION.map && type !== EXTENSION.set) return this.skip(length, end);
    // A list must be inside, so that each Map or Set costs a level like the array it is written as.
    if (length === 0 || LEADS[this.bytes[from] ?? 0]?.shape !== 'array') throw new RangeError('Not a list.');
    return this.whole(from + length, depth);
  }

  private skip(length: number, end: number): void {
    this.at += length;
    if (this.at > end) throw new RangeError('Cut short.');
  }
}

/** @throws {RangeError} unless the bytes are exactly one value, within the limits of depth and size. */
export function scanMessagePack(bytes: Uint8Array): void {
  new Scan(bytes).whole(bytes.byteLength, 0);
}
