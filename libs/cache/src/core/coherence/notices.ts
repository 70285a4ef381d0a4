/** How many keys are remembered. Beyond it the oldest are forgotten and the floor rises. */
const REMEMBERED = 16_384;

/**
 * What was told about which key, in order. Every local store takes a position when its request is sent and is refused
 * if anything was told about its key since: otherwise a notice that overtakes the reply would leave a stale value.
 * Memory is bounded: forgetting a notice raises the floor, below which every store is refused.
 */
export class Notices {
  #position = 0;
  #floor = 0;
  #isDeaf = false;
  readonly #last = new Map<string, number>();
  readonly #ring: (string | undefined)[];

  constructor(private readonly remembered = REMEMBERED) {
    this.#ring = Array.from({ length: remembered });
  }

  /** Whether what other processes do may go unheard. */
  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  /** Take this when a request is sent. */
  position(): number {
    return this.#position;
  }

  /** Something happened to this key: stores that were sent before are refused. */
  note(key: string): number {
    const position = this.#advance(key);
    this.#last.set(key, position);
    return position;
  }

  /** Something happened to every key. O(1). */
  noteAll(): void {
    this.#floor = this.#advance(undefined);
  }

  /** Nobody tells of what other processes do, from now until `hear`: nothing may be kept in this process. */
  deafen(): void {
    this.#isDeaf = true;
    this.noteAll();
  }

  /** From now on everything is told. */
  hear(): void {
    this.noteAll();
    this.#isDeaf = false;
  }

  /** Whether all that happened since `since` was told, and is remembered. */
  covers(since: number): boolean {
    return !this.#isDeaf && since >= this.#floor;
  }

  /** Whether nothing was told about the key since, as far as this process hears. */
  admits(key: string, since: number): boolean {
    return since >= this.#floor && (this.#last.get(key) ?? 0) <= since;
  }

  /** Whether a layer of this process may keep a value whose request was sent at `since`. */
  keeps(key: string, since: number): boolean {
    return !this.#isDeaf && this.admits(key, since);
  }

  #advance(key: string | undefined): number {
    const position = ++this.#position;
    const place = position % this.remembered;
    const forgotten = this.#ring[place];
    if (forgotten !== undefined) this.#forget(forgotten, position - this.remembered);
    this.#ring[place] = key;
    return position;
  }

  #forget(key: string, position: number): void {
    if (this.#last.get(key) === position) this.#last.delete(key);
    this.#floor = Math.max(this.#floor, position);
  }
}
