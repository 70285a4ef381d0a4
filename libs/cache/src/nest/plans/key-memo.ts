/** Ids remembered for one method and key. Beyond it all are forgotten, which costs a rebuild and no bookkeeping. */
const REMEMBERED = 10_000;

type Build = (values: readonly unknown[]) => string;

/** Reads the value of one hole of a call. */
export type HoleReader = (args: readonly unknown[], result: unknown) => unknown;

interface Branch {
  readonly next: Map<unknown, Branch>;
  id?: string;
}

/**
 * Remembers which values gave which id, so that a repeated call finds its key by the value itself: no escaping, no new
 * string, and the string's hash is known already.
 */
export class KeyMemo {
  readonly #single = new Map<unknown, string>();
  #branches: Branch = { next: new Map() };
  #count = 0;

  constructor(private readonly build: Build) {}

  /** The id for the value of the only hole. */
  one(value: unknown): string {
    return this.#single.get(value) ?? this.#learn(value);
  }

  /** The id of a call with several holes; nothing is allocated when it is known. */
  many(readers: readonly HoleReader[], args: readonly unknown[], result: unknown): string {
    let branch: Branch | undefined = this.#branches;
    for (let at = 0; at < readers.length && branch !== undefined; at += 1) {
      branch = branch.next.get(readers[at]?.(args, result));
    }
    return branch?.id ?? this.#learnMany(readers.map((read) => read(args, result)));
  }

  #learn(value: unknown): string {
    const id = this.build([value]);
    if (this.#single.size >= REMEMBERED) this.#single.clear();
    this.#single.set(value, id);
    return id;
  }

  #learnMany(values: readonly unknown[]): string {
    const id = this.build(values);
    if (++this.#count > REMEMBERED) {
      this.#branches = { next: new Map() };
      this.#count = 1;
    }
    let branch = this.#branches;
    for (const value of values) {
      const next: Branch = branch.next.get(value) ?? { next: new Map() };
      branch.next.set(value, next);
      branch = next;
    }
    branch.id = id;
    return id;
  }
}
