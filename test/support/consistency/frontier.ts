import type { Content } from './operation.js';

/**
 * What a register may have come to: what it holds, and which of the open operations have taken effect, a bit each.
 * Where two states differ only in operations that need never take effect, the one with fewer of them can do all that
 * the other can, and stands for both.
 */
export class Frontier {
  readonly #states = new Map<Content, Map<bigint, bigint[]>>();
  #size = 0;

  /** @param optional the bits of those that need never take effect */
  constructor(private readonly optional: bigint) {}

  get size(): number {
    return this.#size;
  }

  get contents(): Content[] {
    return [...this.#states.keys()];
  }

  /** @returns whether none was there that can do as much */
  add(content: Content, done: bigint): boolean {
    const spent = done & this.optional;
    const all = this.#alike(content, done & ~this.optional);
    if (all.some((other) => (other & ~spent) === 0n)) return false;
    const left = all.filter((other) => (spent & ~other) !== 0n);
    this.#size += 1 + left.length - all.length;
    all.splice(0, all.length, ...left, spent);
    return true;
  }

  *[Symbol.iterator](): Generator<readonly [content: Content, done: bigint]> {
    for (const [content, alike] of this.#states) {
      for (const [done, all] of alike) for (const spent of all) yield [content, done | spent];
    }
  }

  #alike(content: Content, done: bigint): bigint[] {
    let alike = this.#states.get(content);
    if (alike === undefined) this.#states.set(content, (alike = new Map()));
    let all = alike.get(done);
    if (all === undefined) alike.set(done, (all = []));
    return all;
  }
}
