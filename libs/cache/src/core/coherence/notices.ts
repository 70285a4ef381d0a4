/** How many keys are remembered. Beyond it the oldest are forgotten and the floor rises. */
const REMEMBERED = 16_384;

/**
 * Which keys were noted last, and at which position. Forgetting one raises the floor, below which nothing is known.
 */
class Recollection {
  floor = 0;
  #count = 0;
  readonly #last = new Map<string, number>();
  readonly #keys: (string | undefined)[];
  readonly #positions: number[];

  constructor(private readonly remembered: number) {
    this.#keys = Array.from({ length: remembered });
    this.#positions = Array.from({ length: remembered }, () => 0);
  }

  note(key: string, position: number): void {
    const place = this.#count++ % this.remembered;
    const forgotten = this.#keys[place];
    if (forgotten !== undefined) this.#forget(forgotten, this.#positions[place] ?? 0);
    this.#keys[place] = key;
    this.#positions[place] = position;
    this.#last.set(key, position);
  }

  /** Whether nothing was noted of the key after this position. */
  isQuiet(key: string, since: number): boolean {
    return since >= this.floor && this.lastOf(key) <= since;
  }

  /** The last position that is remembered; 0: none. */
  lastOf(key: string): number {
    return this.#last.get(key) ?? 0;
  }

  #forget(key: string, position: number): void {
    if (this.#last.get(key) === position) this.#last.delete(key);
    this.floor = Math.max(this.floor, position);
  }
}

/**
 * What was told about which key, in order. Every local store takes a position when its request is sent and is refused
 * if anything was told about its key since: otherwise a notice that overtakes the reply would leave a stale value.
 * Memory is bounded: forgetting a notice raises the floor, below which every store is refused.
 */
export class Notices {
  #position = 0;
  #isDeaf = false;
  readonly #told: Recollection;
  /** Made when the first comes: most processes hear of none. Whether they are many does not touch what was told. */
  #suspected: Recollection | undefined;

  constructor(private readonly remembered = REMEMBERED) {
    this.#told = new Recollection(remembered);
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
    const position = ++this.#position;
    this.#told.note(key, position);
    return position;
  }

  /** Something may have happened to this key: what was asked for before and is kept has to be looked at again. */
  suspect(key: string): void {
    this.#suspected ??= new Recollection(this.remembered);
    this.#suspected.note(key, ++this.#position);
  }

  /** Something happened to every key. O(1). */
  noteAll(): void {
    this.#told.floor = ++this.#position;
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
    return !this.#isDeaf && since >= this.#told.floor;
  }

  /** Whether nothing was told about the key since, as far as this process hears. */
  admits(key: string, since: number): boolean {
    return this.#told.isQuiet(key, since);
  }

  /** Whether this very key is known to have been told of since; what happened to every key says nothing of one. */
  tellsOf(key: string, since: number): boolean {
    return this.#told.lastOf(key) > since;
  }

  /** Whether a layer of this process may keep a value whose request was sent at `since`. */
  keeps(key: string, since: number): boolean {
    return !this.#isDeaf && this.admits(key, since);
  }

  /** Whether what was asked for then may be served without another look. */
  trusts(key: string, since: number): boolean {
    return this.#suspected === undefined || this.#suspected.isQuiet(key, since);
  }
}
