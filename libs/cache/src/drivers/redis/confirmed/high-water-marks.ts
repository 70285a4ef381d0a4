/**
 * The highest of each count that was noted lately: for at least the given time, and at most twice as long. A count that
 * falls for a moment is not believed.
 */
export class HighWaterMarks {
  #former: readonly number[] = [];
  #marks: readonly number[] = [];
  #since: number | undefined;

  constructor(private readonly rememberedMs: number) {}

  /** @param now ms, not below that of the note before */
  note(counts: readonly number[], now: number): void {
    this.#since ??= now;
    if (now - this.#since >= this.rememberedMs) {
      this.#former = this.#marks;
      this.#marks = [];
      this.#since = now;
    }
    this.#marks = counts.map((count, at) => Math.max(count, this.#marks[at] ?? 0));
  }

  at(index: number): number {
    return Math.max(this.#former[index] ?? 0, this.#marks[index] ?? 0);
  }
}
