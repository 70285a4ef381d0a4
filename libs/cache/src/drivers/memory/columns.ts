/** The numbers of all entries, a typed array each: about 50 bytes an entry, no object per entry. */
export class Columns {
  fresh = new Float64Array(0);
  /** Until when the short way of a hit is open: as long as it is fresh, or until it is to be loaded anew before that. */
  due = new Float64Array(0);
  stale = new Float64Array(0);
  created = new Float64Array(0);
  assigned = new Float64Array(0);
  generation = new Float64Array(0);
  compute = new Float32Array(0);
  bytes = new Float64Array(0);
  flags = new Int32Array(0);
  /** The number of the named cache that the key belongs to. */
  owner = new Uint16Array(0);
  /** When the tags of an entry were looked at last. */
  looked = new Float64Array(0);

  get length(): number {
    return this.fresh.length;
  }

  /** Makes room for slots below `size`. */
  grow(size: number): void {
    this.fresh = enlarged(this.fresh, new Float64Array(size));
    this.due = enlarged(this.due, new Float64Array(size));
    this.stale = enlarged(this.stale, new Float64Array(size));
    this.created = enlarged(this.created, new Float64Array(size));
    this.assigned = enlarged(this.assigned, new Float64Array(size));
    this.generation = enlarged(this.generation, new Float64Array(size));
    this.compute = enlarged(this.compute, new Float32Array(size));
    this.bytes = enlarged(this.bytes, new Float64Array(size));
    this.flags = enlarged(this.flags, new Int32Array(size));
    this.owner = enlarged(this.owner, new Uint16Array(size));
    this.looked = enlarged(this.looked, new Float64Array(size));
  }
}

function enlarged<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
