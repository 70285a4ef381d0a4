/** Numbers that one publisher may owe at a time. Beyond it nobody waits for them any more. */
const MISSING_MOST = 4_096;

/**
 * The messages of one publisher, as far as they came. Only what is missing is remembered: from the first that was heard to
 * the highest all came, but for those.
 */
export class PublisherStream {
  #first: number;
  #highest: number;
  readonly #missing = new Set<number>();
  /** What came late, from before the first that was heard; of use until it is known where the publisher starts. */
  readonly #before = new Set<number>();
  /** All up to here is out: what is missing of it was lost, unless it still comes in time. */
  settled = 0;
  /** When the numbers up to `checked` have to be there, in ticks; `undefined`: nothing is to be checked. */
  due: number | undefined;
  checked = 0;
  /** When a beat is to come at the latest, in ticks; `undefined`: none will. */
  silentAt: number | undefined;
  /** The highest number that was given when it said that no other beat follows. */
  ended = -1;
  /** Numbers up to this may be lost unnoticed; `undefined`: none. */
  unsureUpTo: number | undefined;
  /** Whether it is known from which number on everything should have come. */
  isPlaced = false;

  /** @param next the number that is the first to be expected */
  constructor(next: number) {
    this.#first = next;
    this.#highest = next - 1;
  }

  /** The highest number that is known to be out. */
  get highest(): number {
    return this.#highest;
  }

  /** A message came. What it brings: news, nothing new, or that more are missing than can be waited for. */
  came(number: number): 'new' | 'known' | 'overrun' {
    if (number > this.#highest) {
      const isKept = this.#expect(this.#highest + 1, number - 1);
      this.#highest = number;
      return isKept ? 'new' : 'overrun';
    }
    if (number < this.#first) {
      if (!this.isPlaced && this.#before.size < MISSING_MOST) this.#before.add(number);
      return this.#missing.delete(number) ? 'new' : 'known';
    }
    return this.#missing.delete(number) ? 'new' : 'known';
  }

  /** Everything after this number should have come. `false`: more is missing than can be waited for. */
  startsAfter(number: number): boolean {
    this.isPlaced = true;
    const isKept = this.#expect(number + 1, this.#first - 1);
    for (const late of this.#before) this.#missing.delete(late);
    this.#before.clear();
    return isKept;
  }

  /** Any number up to this may be older than what we hear: only what comes after it is expected. */
  startsAnywhereUpTo(number: number): void {
    this.isPlaced = true;
    this.unsureUpTo = number;
    this.writeOff(number);
    this.#before.clear();
    this.#first = number + 1;
    this.#highest = Math.max(this.#highest, number);
  }

  /** Everything up to this number is out. `false` as above. */
  reaches(number: number): boolean {
    this.settled = Math.max(this.settled, number);
    if (number <= this.#highest) return true;
    const isKept = this.#expect(this.#highest + 1, number);
    this.#highest = number;
    return isKept;
  }

  /** Whether a number is missing that is out. */
  get owes(): boolean {
    return this.#firstMissing(this.settled) !== undefined;
  }

  /** Gives up waiting for what is missing up to this number. Whether there was anything. */
  writeOff(through: number): boolean {
    const before = this.#missing.size;
    if (before > 0) for (const number of this.#missing) if (number <= through) this.#missing.delete(number);
    return this.#missing.size < before;
  }

  #firstMissing(through: number): number | undefined {
    for (const number of this.#missing) if (number <= through) return number;
    return undefined;
  }

  #expect(first: number, last: number): boolean {
    if (last - first + 1 > MISSING_MOST - this.#missing.size) {
      this.#missing.clear();
      return false;
    }
    for (let number = first; number <= last; number += 1) this.#missing.add(number);
    return true;
  }
}
