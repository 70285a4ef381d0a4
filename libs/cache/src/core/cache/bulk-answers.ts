import { CacheConfigError } from '../errors.js';
import { shown } from '../shared/shown.js';

/** What a bulk loader gave, by the text of the key: 1 and '1' are one id. An id that is absent has `null`. */
export class BulkAnswers<I> {
  readonly #given: ReadonlyMap<I, unknown>;
  #byText: Map<string, unknown> | undefined;

  /** @throws {CacheConfigError} for a result that is no Map; `what` names it. */
  constructor(
    given: unknown,
    private readonly textOf: (id: I) => string,
    what = 'readThroughMany: load gave',
  ) {
    if (!(given instanceof Map)) {
      throw new CacheConfigError(
        `${what} ${shown(given)}. Let it return a Map by id: new Map(rows.map((row) => [row.id, row])).`,
      );
    }
    this.#given = given;
  }

  of(id: I, text: string): unknown {
    return this.#given.get(id) ?? this.#texts().get(text) ?? null;
  }

  /** Built when an id is not found as it is. What belongs to no key is nobody's answer. */
  #texts(): ReadonlyMap<string, unknown> {
    if (this.#byText !== undefined) return this.#byText;
    this.#byText = new Map();
    for (const [id, value] of this.#given) this.#byText.set(this.textOf(id), value);
    return this.#byText;
  }
}
