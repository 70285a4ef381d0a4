import type { CacheParts } from './parts.js';
import { CacheWriteError } from '../errors.js';
import { TagDebts } from '../tags/tag-debts.js';
import { tagsKey } from '../tags/tag-notice.js';
import type { TagMode } from '../tags/tag-store.js';

type TagParts = Pick<CacheParts, 'tags' | 'tagStore' | 'clock' | 'counts' | 'events' | 'flights' | 'keys'> & {
  /** Debts remembered at most. Default 10,000. */
  readonly limit?: number | undefined;
};

/**
 * Invalidates tags, and whole caches: one operation a cache, however many entries it concerns. What the store could not be
 * told is owed to it, and until it is, this process serves nothing that it concerns.
 */
export class TagInvalidations {
  readonly debts: TagDebts;

  constructor(private readonly parts: TagParts) {
    const { tags, keys, clock, events, limit } = parts;
    this.debts = new TagDebts({
      service: keys.service,
      clock,
      events,
      limit,
      pay: (cache, names, mode) => this.#bump(cache, names, mode),
      owes: ({ cache, tag, mode }) => {
        tags.table(cache).owe(tag, mode);
        tags.changed(tags.table(cache), tag === '');
      },
      paid: ({ cache, tag }) => {
        tags.table(cache).paid(tag);
        tags.changed(tags.table(cache), tag === '');
      },
    });
  }

  /**
   * Resolves when it is done or queued.
   * @param names none: everything that the caches hold
   * @throws {CacheWriteError} when the queue is full.
   */
  async invalidate(caches: readonly string[], names: readonly string[], mode: TagMode): Promise<void> {
    const done = await Promise.all(caches.map((cache) => this.#surely(cache, names, mode)));
    const lost = caches.filter((_, at) => done[at] === false);
    if (lost.length > 0) throw notInvalidated(lost.map((cache) => tagsKey(this.parts.keys.service, cache)));
    const { events, counts } = this.parts;
    for (const cache of caches) counts.ofCache(cache)[names.length === 0 ? 'clears' : 'tags'] += 1;
    if (names.length === 0) for (const cache of caches) events.emit({ type: 'cleared', cache, cause: 'call' });
    else events.emit({ type: 'tags-invalidated', tags: names, mode, caches, cause: 'call' });
  }

  /** `false`: it could be neither done nor queued. */
  async #surely(cache: string, names: readonly string[], mode: TagMode): Promise<boolean> {
    try {
      await this.#bump(cache, names, mode);
      return true;
    } catch (error) {
      const owed = names.length === 0 ? [''] : names;
      return owed.map((tag) => this.debts.owe({ cache, tag, mode }, error)).every(Boolean);
    }
  }

  async #bump(cache: string, names: readonly string[], mode: TagMode): Promise<void> {
    const { tags, flights, tagStore } = this.parts;
    const table = tags.table(cache);
    const number = await tagStore.bump(cache, { tags: names, mode, seen: table.generation });
    tags.told(table, { tags: names, mode, number });
    // What is loaded now may be of before.
    if (names.length === 0) flights.voidAll();
  }
}

function notInvalidated(keys: readonly string[]): CacheWriteError {
  const [key = ''] = keys;
  return new CacheWriteError(
    `'${key}': tags could not be invalidated in Redis, and the queue for that is full. What is kept under them stays until it ends: try again when Redis answers.`,
    { key, layer: 'shared' },
  );
}
