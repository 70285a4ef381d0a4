import { mayLeave, type Content, type Operation } from './operation.js';

/** Those that have begun and not ended, each with a bit; bits are given again. */
export class OpenOperations {
  readonly #slots: (Operation | undefined)[] = [];
  /** Those that change nothing, and those that do. */
  readonly #looking = new Map<Operation, bigint>();
  readonly #changing = new Map<Operation, bigint>();
  #passing = 0n;
  #optional = 0n;

  /** @param isPassing it leaves something that nobody ever asks for: any other write may come right after it */
  add(one: Operation, isPassing: boolean): bigint {
    const free = this.#slots.indexOf(undefined);
    const slot = free === -1 ? this.#slots.length : free;
    this.#slots[slot] = one;
    const bit = 1n << BigInt(slot);
    this.#kept(one).set(one, bit);
    if (isPassing) this.#passing |= bit;
    if (one.outcome === 'unknown') this.#optional |= bit;
    return bit;
  }

  remove(one: Operation): bigint {
    const bit = this.bitOf(one);
    this.#kept(one).delete(one);
    this.#slots[this.#slots.indexOf(one)] = undefined;
    this.#passing &= ~bit;
    this.#optional &= ~bit;
    return bit;
  }

  get size(): number {
    return this.#looking.size + this.#changing.size;
  }

  /** The bits of those that may have happened. */
  get optional(): bigint {
    return this.#optional;
  }

  /** No bit, when it is not open. */
  bitOf(one: Operation): bigint {
    return this.#kept(one).get(one) ?? 0n;
  }

  /** Those that change the register, each with its bit. */
  get changing(): ReadonlyMap<Operation, bigint> {
    return this.#changing;
  }

  /** What this one makes of the register: what it then holds, and which have taken effect; `undefined`: it cannot. */
  apply(one: Operation, content: Content, done: bigint): readonly [Content, bigint] | undefined {
    if (one.kind === 'compare-and-set' && one.expected !== content) return undefined;
    const passed = one.kind === 'compare-and-set' ? 0n : this.#passing;
    return [one.content, this.explained(one.content, done | this.bitOf(one) | passed)];
  }

  /** Together with all that only look, and see just that: to look changes nothing, so the sooner the better. */
  explained(content: Content, done: bigint): bigint {
    let all = done;
    for (const [one, bit] of this.#looking) if ((all & bit) === 0n && isExplained(one, content)) all |= bit;
    return all;
  }

  #kept(one: Operation): Map<Operation, bigint> {
    return mayLeave(one) ? this.#changing : this.#looking;
  }
}

/** Whether an operation that changes nothing is answered so by a register with this content. */
export function isExplained(one: Operation, content: Content): boolean {
  if (one.kind === 'read') return one.content === content;
  return one.kind === 'compare-and-set' && !mayLeave(one) && one.expected !== content;
}
