import type { Random } from './seed.js';

/** Cuts a stream into slices of 1 to n bytes. Where it cuts depends on the seed alone, not on how the bytes came in. */
export class Slicer {
  private left = 0;

  constructor(private readonly random: Random) {}

  /** How many of the next `length` bytes go together. */
  next(length: number, most: number | undefined): number {
    if (most === undefined) return length;
    if (this.left === 0) this.left = 1 + Math.floor(this.random() * most);
    const size = Math.min(length, this.left);
    this.left -= size;
    return size;
  }
}
