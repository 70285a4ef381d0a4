import { CacheConfigError, CacheError, CacheSerializationError } from '../errors.js';
import { tagName } from './tag-name.js';

/** Tags of one entry: each is asked about on a read that does not know it. */
const MOST_TAGS = 100;

/** Gives a value its tags. */
export type TagsOf = (value: unknown) => readonly string[];

const NONE: readonly string[] = Object.freeze([]);

/** The tags of one load or save, and what was known of all tags when it began. */
export class Tagging {
  readonly #named: string[] = [];

  /** @param generation as `Tags.generation` */
  constructor(readonly generation: number) {}

  /** Whether it has named a tag so far. */
  get hasNamed(): boolean {
    return this.#named.length > 0;
  }

  /** Further tags, from inside the load. @throws {CacheKeyError} for what is no tag. */
  name(tags: readonly string[]): void {
    for (const tag of tags) this.#named.push(tagName(tag));
  }

  /**
   * All tags of the value, each once.
   * @throws {CacheKeyError} for what is no tag. @throws {CacheConfigError} for over 100, and for what is no list.
   */
  of(value: unknown, tagsOf: TagsOf | undefined): readonly string[] {
    if (tagsOf === undefined && this.#named.length === 0) return NONE;
    const given = tagsOf === undefined ? NONE : givenBy(tagsOf, value);
    if (!Array.isArray(given)) {
      throw new CacheConfigError("tags: the function must return a list of tags, such as ['country:de']. [] for none.");
    }
    const tags = [...new Set([...given.map((tag: unknown) => tagName(tag as string)), ...this.#named])];
    if (tags.length <= MOST_TAGS) return tags;
    throw new CacheConfigError(
      `tags: an entry has at most ${MOST_TAGS} tags, this one ${tags.length}. Tag it with what it is invalidated by, not with all that it holds.`,
    );
  }
}

function givenBy(tagsOf: TagsOf, value: unknown): unknown {
  try {
    return tagsOf(value);
  } catch (cause) {
    if (cause instanceof CacheError) throw cause;
    throw new CacheSerializationError('tags: the function that gives the value its tags threw', '$', { cause });
  }
}
