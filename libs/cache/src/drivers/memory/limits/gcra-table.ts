import type { LimitAsk } from '../../../core/limits/limit-store.js';
import { leaked, untilEmpty, untilFits } from '../../../core/limits/meters/gcra-meter.js';
import type { Meter, Quota } from '../../../core/limits/meters/meter.js';

/** Slots at the start; doubled when they are used up. */
const FIRST = 64;

/**
 * The counts of `'gcra'`, side by side: of many identities each is asked for when it is no longer in the processor's cache,
 * and a slot is there with one access, an object with several. Two numbers a slot: what is used, and as of when.
 */
export class GcraTable {
  numbers = new Float64Array(2 * FIRST);
  /** Who may come by the number of the slot alone. */
  readonly #guests: (LimitAsk | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #visited = new GcraSlot(this, 0);

  /** A slot that has counted nothing. */
  take(): GcraSlot {
    const slot = this.#free.pop() ?? this.#guests.push(undefined) - 1;
    if (2 * slot >= this.numbers.length) {
      const wider = new Float64Array(2 * this.numbers.length);
      wider.set(this.numbers);
      this.numbers = wider;
    }
    this.numbers.fill(0, 2 * slot, 2 * slot + 2);
    return new GcraSlot(this, slot);
  }

  /** Nobody counts there any more. */
  drop({ slot }: GcraSlot): void {
    this.#guests[slot] = undefined;
    this.#free.push(slot);
  }

  /** From now on the ask finds the slot by itself, until it is dropped or another ask does. */
  invite(ask: LimitAsk, { slot }: GcraSlot): void {
    this.#guests[slot] = ask;
    ask.slot = slot;
  }

  /** The slot of an ask that was invited; the same object for all of them, so only until the next call. */
  visit(ask: LimitAsk): Meter | undefined {
    const { slot } = ask;
    if (slot === undefined || this.#guests[slot] !== ask) return undefined;
    this.#visited.slot = slot;
    return this.#visited;
  }
}

/** As a `GcraMeter`, with its numbers in a table. */
export class GcraSlot implements Meter {
  readonly #table: GcraTable;

  constructor(
    table: GcraTable,
    public slot: number,
  ) {
    this.#table = table;
  }

  read(quota: Quota, now: number): number {
    const { numbers } = this.#table;
    const first = 2 * this.slot;
    const used = numbers[first] ?? 0;
    const at = numbers[first + 1] ?? 0;
    numbers[first + 1] = now;
    if (now <= at) return used;
    const left = leaked(used, now - at, quota);
    numbers[first] = left;
    return left;
  }

  add(amount: number): void {
    this.#table.numbers[2 * this.slot] = Math.max(0, this.#used + amount);
  }

  waitFor(cost: number, quota: Quota): number {
    return untilFits(this.#used, cost, quota);
  }

  reset(quota: Quota): number {
    return untilEmpty(this.#used, quota);
  }

  numbers(): readonly number[] {
    return [...this.#table.numbers.subarray(2 * this.slot, 2 * this.slot + 2)];
  }

  get #used(): number {
    return this.#table.numbers[2 * this.slot] ?? 0;
  }
}
