import type { Clock } from '../../../core/shared/clock.js';
import {
  MOST_TAGS_KNOWN,
  TAGGED_LIFE_MS,
  type Bump,
  type TagLook,
  type TagStore,
} from '../../../core/tags/tag-store.js';
import type { TagMark } from '../../../core/tags/tag-table.js';

/** What is counted for one cache. */
interface Count {
  generation: number;
  floor: number;
  /** Those invalidated longest ago first. */
  readonly marks: Map<string, TagMark>;
}

export interface MemoryTagStoreOptions {
  /** Tags remembered in each cache. Default 200,000. */
  readonly limit?: number | undefined;
  /** How long at least, ms. Default 30 days. */
  readonly lifetime?: number | undefined;
}

const NEVER: TagMark = Object.freeze({ expired: 0, deleted: 0 });

/** Counts invalidations in this process, for entries that nobody else has. Answers at once. */
export class MemoryTagStore implements TagStore {
  readonly #counts = new Map<string, Count>();

  constructor(
    private readonly clock: Clock,
    private readonly options: MemoryTagStoreOptions = {},
  ) {}

  look(cache: string, tag: string): TagLook {
    const count = this.#counts.get(cache);
    const { expired, deleted } = count?.marks.get(tag) ?? NEVER;
    return { generation: count?.generation ?? 0, floor: count?.floor ?? 0, expired, deleted };
  }

  bump(cache: string, { tags, mode, seen }: Bump): number {
    const count = this.#counts.get(cache) ?? { generation: 0, floor: 0, marks: new Map() };
    this.#counts.set(cache, count);
    const number = Math.max(count.generation + 1, seen + 1, Math.floor(this.clock.now() * 1_000));
    count.generation = number;
    if (tags.length === 0) count.floor = number;
    for (const tag of tags) {
      const { expired, deleted } = count.marks.get(tag) ?? NEVER;
      count.marks.delete(tag);
      count.marks.set(tag, mode === 'delete' ? { expired, deleted: number } : { expired: number, deleted });
    }
    this.#trim(count, number);
    return number;
  }

  /** What is forgotten raises the floor: entries that it could concern are over. */
  #trim(count: Count, now: number): void {
    const { limit = MOST_TAGS_KNOWN, lifetime = TAGGED_LIFE_MS } = this.options;
    for (const [tag, { expired, deleted }] of count.marks) {
      const last = Math.max(expired, deleted);
      const isOld = last < now - lifetime * 1_000 || last <= count.floor;
      if (!isOld && count.marks.size <= limit) return;
      count.marks.delete(tag);
      count.floor = Math.max(count.floor, last);
    }
  }
}
