/** Values of a label that are told apart. What comes later is `other`: a label must not grow with what users send. */
const MOST = 100;

/** Keeps the values of a label few. */
export class BoundedLabel {
  readonly #known = new Set<string>();

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= MOST) return 'other';
    this.#known.add(value);
    return value;
  }
}
