const NONE = 0xffff_ffff;

/** Slots in order of use, as a linked list in two typed arrays: 8 bytes a slot, no object, no allocation on use. */
export class LruList {
  #before = new Uint32Array(0);
  #after = new Uint32Array(0);
  #first = NONE;
  #last = NONE;

  /** Makes room for slots below `size`. */
  grow(size: number): void {
    this.#before = enlarged(this.#before, size);
    this.#after = enlarged(this.#after, size);
  }

  /** The slot used longest ago. */
  get oldest(): number | undefined {
    return this.#last === NONE ? undefined : this.#last;
  }

  /** Puts a new slot in front. */
  add(slot: number): void {
    this.#before[slot] = NONE;
    this.#after[slot] = this.#first;
    if (this.#first === NONE) this.#last = slot;
    else this.#before[this.#first] = slot;
    this.#first = slot;
  }

  /** Marks a slot as just used. */
  use(slot: number): void {
    if (slot === this.#first) return;
    this.remove(slot);
    this.add(slot);
  }

  remove(slot: number): void {
    const before = this.#before[slot] ?? NONE;
    const after = this.#after[slot] ?? NONE;
    if (before === NONE) this.#first = after;
    else this.#after[before] = after;
    if (after === NONE) this.#last = before;
    else this.#before[after] = before;
  }
}

function enlarged(list: Uint32Array<ArrayBuffer>, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(list);
  return larger;
}
