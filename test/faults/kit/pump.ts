import type { Socket } from 'node:net';
import type { Conditions, Direction } from './conditions.js';
import { rst } from './rst.js';
import type { Random } from './seed.js';
import { Slicer } from './slicer.js';

type Item = { readonly at: number; readonly bytes: Buffer } | { readonly at: number; readonly last: 'end' | 'reset' };

export interface Lane {
  readonly from: Socket;
  readonly to: Socket;
  readonly direction: Direction;
  /** chances of the cuts, and chances of the jitter: neither shifts the other */
  readonly random: { readonly cuts: Random; readonly jitter: Random };
  conditions(): Conditions;
  /** how many of these bytes may go before the connection is reset */
  allowance(bytes: number): number;
}

/** Above this the sender is told to wait, as by a full window. */
const WINDOW = 256 * 1024;

/** Carries the bytes of one connection in one direction, in order, as the conditions of the moment allow. */
export class Pump {
  private readonly queue: Item[] = [];
  private readonly slicer: Slicer;
  private queued = 0;
  private lastDue = 0;
  private lineFreeAt = 0;
  private alarm: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(private readonly lane: Lane) {
    this.slicer = new Slicer(lane.random.cuts);
    lane.from.on('data', (bytes: Buffer) => this.take({ at: this.due(), bytes }));
    lane.from.on('end', () => this.take({ at: this.due(), last: 'end' }));
    lane.from.on('error', () => this.take({ at: this.due(), last: 'reset' }));
  }

  /** Looks again at what waits, because the conditions have changed or its time has come. */
  wake(): void {
    this.sleep();
    for (let head = this.queue[0]; head; head = this.queue[0]) {
      if (this.lane.conditions().hold?.includes(this.lane.direction)) return;
      const wait = Math.max(head.at, this.lineFreeAt) - performance.now();
      if (wait > 0) return this.sleepFor(wait);
      this.queue.shift();
      if ('last' in head) this.close(head.last);
      else if (!this.send(head.bytes, head.at)) return;
    }
  }

  stop(): void {
    this.sleep();
    this.queue.length = 0;
  }

  private take(item: Item): void {
    this.queue.push(item);
    if ('bytes' in item) this.count(item.bytes.length);
    if (this.alarm === undefined && this.turn === undefined) this.wake();
  }

  /** When what comes now arrives. Bytes do not overtake each other. */
  private due(): number {
    const { latencyMs = 0, jitterMs = 0 } = this.lane.conditions();
    const late = jitterMs === 0 ? 0 : jitterMs * this.lane.random.jitter();
    this.lastDue = Math.max(this.lastDue, performance.now() + latencyMs + late);
    return this.lastDue;
  }

  /** Sends what may go at once and puts the rest back; false when the next piece has to wait for another turn. */
  private send(bytes: Buffer, at: number): boolean {
    const { sliceBytes, bytesPerSecond } = this.lane.conditions();
    // At most 10 ms of a narrow line at once.
    const narrow = bytesPerSecond === undefined ? bytes.length : Math.ceil(bytesPerSecond / 100);
    const wanted = this.slicer.next(Math.min(bytes.length, narrow), sliceBytes);
    const size = this.lane.allowance(wanted);
    if (size > 0) this.lane.to.write(bytes.subarray(0, size));
    this.count(-size);
    if (size < bytes.length) this.queue.unshift({ at, bytes: bytes.subarray(size) });
    if (size < wanted) return false;
    if (bytesPerSecond !== undefined) this.lineFreeAt = performance.now() + (size * 1_000) / bytesPerSecond;
    if (sliceBytes === undefined) return true;
    // A turn of the loop between two slices, or the system would join them again.
    this.turn = setImmediate(() => this.wake());
    return false;
  }

  private close(how: 'end' | 'reset'): void {
    if (how === 'end') this.lane.to.end();
    else rst(this.lane.to);
  }

  private count(bytes: number): void {
    this.queued += bytes;
    const { from } = this.lane;
    if (this.queued > WINDOW) from.pause();
    else if (from.isPaused()) from.resume();
  }

  private sleepFor(ms: number): void {
    this.alarm = setTimeout(() => this.wake(), Math.ceil(ms));
  }

  private sleep(): void {
    clearTimeout(this.alarm);
    clearImmediate(this.turn);
    this.alarm = undefined;
    this.turn = undefined;
  }
}
