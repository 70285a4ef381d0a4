import type { TagLook, TagMode } from './tag-store.js';

/**
 * What the tags say of an entry. `expired`: it is no longer fresh. `deleted`: it must not be served at all. `foreign`:
 * another service keeps its tags, which nobody here knows.
 */
export type Verdict = 'valid' | 'expired' | 'deleted' | 'foreign';

/** Tags of one cache that a process remembers. Beyond it those learnt first are asked for again. */
const REMEMBERED = 10_000;

/** What was done to a tag last. */
export interface TagMark {
  readonly expired: number;
  readonly deleted: number;
}

/** What this process knows of the tags of one cache. Numbers only rise, so news may come in any order. */
export class TagTable {
  /** The highest number that is known: all that it counts has happened. 0: nothing is known yet. */
  generation = 0;
  floor = 0;
  /** Whether the floor is the one that stands now. */
  isCurrent = false;
  /** Looks under way, by tag. */
  readonly looks = new Map<string, Promise<TagLook>>();
  readonly #marks = new Map<string, TagMark>();
  /** What is to be invalidated as soon as that can be done. `''`: everything. */
  readonly #owed = new Map<string, TagMode>();

  constructor(
    readonly cache: string,
    private readonly remembered = REMEMBERED,
  ) {}

  markOf(tag: string): TagMark | undefined {
    return this.#marks.get(tag);
  }

  /** Something was invalidated; no tags: everything. Of what is not known here nothing need be remembered. */
  raise(tags: readonly string[], mode: TagMode, number: number): void {
    this.generation = Math.max(this.generation, number);
    if (tags.length === 0) this.floor = Math.max(this.floor, number);
    for (const tag of tags) {
      const known = this.#marks.get(tag);
      if (known !== undefined) this.#marks.set(tag, raised(known, mode, number));
    }
  }

  /** An answer, to a question that nothing has overtaken. */
  learn(tag: string, { generation, floor, expired, deleted }: TagLook): void {
    this.generation = Math.max(this.generation, generation);
    this.floor = Math.max(this.floor, floor);
    this.isCurrent = true;
    if (tag === '') return;
    const known = this.#marks.get(tag);
    if (known === undefined && this.#marks.size >= this.remembered) this.#forgetFirst();
    this.#marks.set(tag, {
      expired: Math.max(expired, known?.expired ?? 0),
      deleted: Math.max(deleted, known?.deleted ?? 0),
    });
  }

  /** What was told may have gone unheard: everything is to be asked for again. What is known has happened all the same. */
  forget(): void {
    this.isCurrent = false;
    this.#marks.clear();
    this.looks.clear();
  }

  owe(tag: string, mode: TagMode): void {
    if (this.#owed.get(tag) !== 'delete') this.#owed.set(tag, mode);
  }

  paid(tag: string): void {
    this.#owed.delete(tag);
  }

  /** What is known here says; `undefined`: something has to be asked first. */
  verdict(tags: readonly string[], generation: number): Verdict | undefined {
    if (this.floor > generation) return 'deleted';
    const owed = this.owed(tags);
    if (owed === 'delete') return 'deleted';
    let isExpired = owed === 'expire';
    let isKnown = this.isCurrent;
    for (const tag of tags) {
      const mark = this.#marks.get(tag);
      if (mark === undefined) isKnown = false;
      else if (mark.deleted > generation) return 'deleted';
      else if (mark.expired > generation) isExpired = true;
    }
    if (!isKnown) return undefined;
    return isExpired ? 'expired' : 'valid';
  }

  /** What is still to be done to entries with these tags. */
  owed(tags: readonly string[]): TagMode | undefined {
    if (this.#owed.size === 0) return undefined;
    const modes = ['', ...tags].map((tag) => this.#owed.get(tag));
    if (modes.includes('delete')) return 'delete';
    return modes.includes('expire') ? 'expire' : undefined;
  }

  #forgetFirst(): void {
    for (const first of this.#marks.keys()) {
      this.#marks.delete(first);
      return;
    }
  }
}

function raised(mark: TagMark, mode: TagMode, number: number): TagMark {
  return mode === 'delete'
    ? { expired: mark.expired, deleted: Math.max(mark.deleted, number) }
    : { expired: Math.max(mark.expired, number), deleted: mark.deleted };
}
